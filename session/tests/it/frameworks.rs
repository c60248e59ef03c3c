//! Each case on both frameworks: the tests that send requests, run again on actix-web.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::framework::{SENT, SERVED_BY_ACTIX, VARIABLE};

/// Tests of axum's routers, middleware and bodies, and the tests of the same in actix-web.
const OF_AXUM: &[(&str, &str)] = &[
    (
        "databags::a_guard_a_middleware_and_a_handler_share_one_load_one_commit_and_one_cookie",
        "actix::middleware::two_databags_in_middleware_and_handler_share_one_load_one_commit_and_one_cookie",
    ),
    (
        "diagnosis::error_responses::a_manager_is_a_layer",
        "actix::scopes::a_manager_is_middleware_and_shares_its_sessions_with_that_which_it_returns",
    ),
    (
        "diagnosis::error_responses::a_route_or_a_guard_outside_of_the_layer_says_in_the_body_where_the_layer_belongs",
        "actix::middleware::a_guard_outside_of_the_middleware_says_in_the_body_where_that_belongs",
    ),
    (
        "diagnosis::error_responses::middleware_finds_the_error_of_a_failed_commit_in_the_response",
        "actix::middleware::middleware_finds_the_error_of_a_failed_commit_in_the_response",
    ),
    (
        "failed_response::a_panic_caught_inside_is_a_response_of_status_5xx_like_any_other",
        "actix::middleware::a_panic_caught_inside_is_a_response_of_status_5xx_like_any_other",
    ),
    (
        "failed_response::an_error_in_place_of_a_response_is_handed_on_and_saves_nothing",
        "actix::errors::an_error_of_status_5xx_does_not_save_the_session_but_a_renewal_counts",
    ),
    (
        "handle::guard_middleware_and_handler_see_and_change_one_state",
        "actix::middleware::middleware_and_handler_share_the_session_and_one_commit",
    ),
    (
        "path::nested_routers_that_remove_a_prefix_do_not_hide_the_path",
        "actix::scopes::scopes_that_match_a_prefix_do_not_hide_the_path",
    ),
    ("presented_tokens::a_token_in_the_body_is_ignored", "actix::body::a_token_in_the_body_is_ignored"),
    (
        "tower::a_layer_put_on_twice_still_makes_one_session_and_one_cookie",
        "actix::scopes::middleware_put_on_twice_still_makes_one_session_and_one_cookie",
    ),
    (
        "tower::middleware_and_handler_share_the_session_and_one_commit",
        "actix::middleware::middleware_and_handler_share_the_session_and_one_commit",
    ),
    (
        "tower::routes_outside_the_layer_never_reach_the_store",
        "actix::scopes::routes_outside_the_middleware_never_reach_the_store",
    ),
];

/// Modules of which some tests need layers or routers of tower and axum: the others run on both.
const OF_TOWER: &[&str] = &["csrf::pages::", "guard::", "testing::"];

/// Modules whose tests send no requests, and need not run again.
const WITHOUT_REQUESTS: &[&str] = &["codec::", "derive::compile_errors", "frameworks::", "memory::"];

/// The results of tests, and how many requests each sent.
#[derive(Default)]
struct Report<'a> {
    results: BTreeMap<&'a str, &'a str>,
    requests: BTreeMap<&'a str, Requests>,
}

#[derive(Default)]
struct Requests {
    sent: usize,
    served_by_actix: usize,
}

impl<'a> Report<'a> {
    /// Reads the output of a test runner with `--show-output`.
    fn of(output: &'a str) -> Self {
        let mut report = Self::default();
        let mut printing = "";
        for line in output.lines() {
            if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----"))
            {
                printing = name;
            } else if let Some((name, result)) =
                line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
            {
                report.results.insert(name, result);
            } else if line == SENT {
                report.requests.entry(printing).or_default().sent += 1;
            } else if line == SERVED_BY_ACTIX {
                report.requests.entry(printing).or_default().served_by_actix += 1;
            }
        }
        report
    }
}

#[test]
fn every_case_that_axum_passes_actix_web_passes_too() {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.arg("--show-output").env(VARIABLE, "actix");
    for module in WITHOUT_REQUESTS {
        tests.args(["--skip", module]);
    }
    let output = tests.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "on actix-web:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));

    let report = Report::of(&text);
    println!("{:<5} {:<5} case", "axum", "actix");
    let mut of_axum = Vec::new();
    for (name, requests) in &report.requests {
        if requests.served_by_actix < requests.sent {
            if !OF_TOWER.iter().any(|module| name.starts_with(module)) {
                of_axum.push(*name);
            }
        } else {
            // The results of axum are those of the tests beside this one.
            let axum = if name.starts_with("actix::") { "-" } else { "run" };
            println!("{axum:<5} {:<5} {name}", report.results[name]);
        }
    }
    for (name, same) in OF_AXUM {
        assert_eq!(report.results.get(same), Some(&"ok"), "{same} passes on actix-web");
        println!("{:<5} {:<5} {name}, on actix-web {same}", "run", "ok");
    }
    let listed: Vec<_> = OF_AXUM.iter().map(|(name, _)| *name).collect();
    assert_eq!(of_axum, listed, "the tests that axum alone serves, in alphabetical order");
}
