//! Refusals to start, and keys of sessions that live in cookies.

use std::process::Command;

use super::{demo, fresh_key, is_signed_in, is_stranger, start_on_cookies};
use crate::support::Visitor;

#[test]
fn sealed_sessions_survive_a_restart_and_a_change_of_keys() {
    let (key, other_key) = (fresh_key(), fresh_key());
    let first = start_on_cookies(&key);
    let ada = first.visitor();
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "article=tea");
    let jar = ada.jar;
    drop(first);

    let second = start_on_cookies(&key);
    let ada = Visitor { server: &second, jar };
    assert!(ada.get("/cart").contains("Assam tea"));
    let jar = ada.jar;

    let both = start_on_cookies(&format!("{other_key},{key}"));
    let ada = Visitor { server: &both, jar };
    assert!(is_signed_in(&ada.get("/"), "Ada"));
    let jar = ada.jar;

    let third = start_on_cookies(&other_key);
    let ada = Visitor { server: &third, jar };
    assert!(is_signed_in(&ada.get("/"), "Ada"));
    let old = start_on_cookies(&key);
    let ada = Visitor { server: &old, jar: ada.jar };
    assert!(is_stranger(&ada.get("/")));
}

/// Returns the error message of a demo that refuses to start.
fn refusal(variables: &[(&str, &str)]) -> String {
    let output = demo(variables).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr).unwrap();
    for noise in ["panicked", "backtrace", "Error", "Err("] {
        assert!(!stderr.contains(noise), "{stderr}");
    }
    stderr
}

#[test]
fn the_demo_does_not_seal_without_a_good_key_and_says_how_to_make_one() {
    let key = fresh_key();
    let short = &key[..40];
    let text = "a shop that remembers its visitors";
    let zeros = "0".repeat(128);
    let cases = [
        (None, "`DEMO_KEY` is not set"),
        (Some(""), "`DEMO_KEY` is not set"),
        (Some(short), "the key has 20 bytes"),
        (Some(text), "neither hex nor base64"),
        (Some(zeros.as_str()), "both halves of the key are equal"),
    ];
    for (key, reason) in cases {
        let key = key.map(|key| ("DEMO_KEY", key));
        let variables: Vec<_> = [("DEMO_STORE", "cookie")].into_iter().chain(key).collect();
        let stderr = refusal(&variables);
        assert!(stderr.contains(reason), "{stderr}");
        assert!(stderr.contains("\n    export DEMO_KEY=$(openssl rand -hex 64)\n"), "{stderr}");
        assert!(key.is_none_or(|(_, key)| key.is_empty() || !stderr.contains(key)), "the key is shown");
    }
}

#[test]
fn the_command_that_a_refusal_prints_makes_a_good_key() {
    let stderr = refusal(&[("DEMO_STORE", "cookie")]);
    let command = stderr.lines().map(str::trim).find(|line| line.starts_with("export ")).unwrap();
    let script = format!("{command} && printf %s \"$DEMO_KEY\"");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let key = String::from_utf8(output.stdout).unwrap();
    assert_eq!(key.len(), 128, "openssl runs; `./test` installs it");
    let demo = start_on_cookies(&key);
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    assert!(is_signed_in(&ada.get("/"), "Ada"));
}

#[test]
fn an_unknown_store_is_refused_with_the_choices() {
    for unknown in ["", "disk", "Memory", "cookies"] {
        let stderr = refusal(&[("DEMO_STORE", unknown)]);
        let choices = "`memory`, `cookie`, `redis://…`, `postgres://…`, `mysql://…` or `sqlite:demo.db`";
        assert_eq!(stderr, format!("DEMO_STORE is `{unknown}`: write {choices}\n"));
    }
}
