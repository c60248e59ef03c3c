//! `Debug` output of requests, which must be safe to log.

use std::sync::{Arc, Mutex};

use crate::support::{Browser, Session, Site};

#[tokio::test]
async fn a_request_printed_by_the_function_for_the_cookies_attributes_shows_no_header_value_and_no_query() {
    let shown = Arc::new(Mutex::new(String::new()));
    let writer = Arc::clone(&shown);
    let site = Site::with(|builder| {
        builder.cookie_per_request(move |request, _| {
            *writer.lock().unwrap() = format!("{request:?} {request:#?}");
        })
    });
    let mut browser = Browser::at("https://ada:pw-9@example.com/callback?code=query-7");
    for (name, value) in [("authorization", "Bearer secret-1"), ("x-api-key", "secret-2")] {
        browser = browser.sending(name, value);
    }
    browser.cookies.push(("__Host-session".into(), "secret-3".into()));
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    let shown = shown.lock().unwrap().clone();
    assert!(
        shown.contains("authorization") && shown.contains("/callback") && shown.contains("Tls"),
        "{shown}"
    );
    for hidden in ["secret", "query-7", "pw-9"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
