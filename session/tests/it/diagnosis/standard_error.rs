//! Errors on standard error, without a callback or subscriber. Each case runs in its own process.

use std::process::Command;

use session::{Databag, Error, MemoryStore, SessionLayer, SessionManager};

use crate::support::{Browser, Session, SpyStore, Verb, respond};

/// Environment variable with the case that the process runs.
const CASE: &str = "SESSION_TEST_CASE";

fn stderr_of(case: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "diagnosis::standard_error::the_selected_case"])
        .env(CASE, case)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    stderr
}

#[derive(Databag)]
struct Unwritable {
    #[databag(codec = "json")]
    names: std::collections::BTreeMap<Vec<u8>, u8>,
}

#[tokio::test]
#[ignore = "run by the tests below, in processes of their own"]
async fn the_selected_case() {
    let layer = SessionLayer::builder(SpyStore::<MemoryStore>::default());
    let case = std::env::var(CASE).unwrap();
    let layer = match case.as_str() {
        "no layer" | "log" => None,
        "outage" | "callback" => {
            let store = SpyStore::<MemoryStore>::default();
            store.break_down(Verb::Load);
            let builder = SessionLayer::builder(store);
            let builder = if case == "callback" { builder.on_error(|_: &Error| ()) } else { builder };
            Some(builder.build().unwrap())
        }
        "listener" => {
            Some(layer.on_error(|_| ()).cookie_per_request(|_, _| panic!("broken")).build().unwrap())
        }
        "unsaved" => {
            let manager = SessionManager::<Unwritable>::new(MemoryStore::new());
            for _ in 0..3 {
                let session = manager.create().await.unwrap();
                session.data.update_names(|names| names.insert(vec![1], 1));
            }
            return;
        }
        other => panic!("unknown case {other}"),
    };
    let _log = (case == "log").then(crate::support::Capture::start);
    for _ in 0..3 {
        let browser = Browser::with_cookie("__Host-session", &"A".repeat(43));
        respond(layer.clone(), browser.request(), async |_: Session| ()).await;
    }
}

#[test]
fn an_error_that_neither_a_callback_nor_a_subscriber_takes_is_printed_once_with_its_causes() {
    let stderr = stderr_of("no layer");
    assert_eq!(stderr.matches("no session layer around this route").count(), 1, "{stderr}");
    let stderr = stderr_of("outage");
    let chain = "session: error: the session could not be loaded: the session store is unavailable, check that it runs \
                 and can be reached: connection refused (";
    assert_eq!(stderr.matches(chain).count(), 1, "{stderr}");
    let stderr = stderr_of("unsaved");
    assert_eq!(stderr.matches("changes to a session were dropped unsaved").count(), 1, "{stderr}");
}

#[test]
fn a_callback_that_panics_is_named_once() {
    let stderr = stderr_of("listener");
    assert_eq!(stderr.matches("the callback given to `cookie_per_request` panicked").count(), 1, "{stderr}");
}

#[test]
fn an_error_that_a_callback_or_a_subscriber_takes_is_not_printed() {
    for case in ["callback", "log"] {
        let stderr = stderr_of(case);
        assert!(!stderr.contains("session: error"), "{stderr}");
    }
}
