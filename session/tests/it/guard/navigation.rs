//! Which requests are redirected, and which get a status that a program understands.

use http::Method;

use super::{guard, send_guarded};
use crate::support::{Browser, Site};

/// What a stranger gets for a request with these headers: a status and a `Location`.
async fn answer(method: Method, headers: &[(&'static str, &str)]) -> (u16, Option<String>) {
    let site = Site::new();
    let browser = Browser::at("https://example.com/account");
    let browser = headers.iter().fold(browser, |browser, (name, value)| browser.sending(name, value));
    let mut request = browser.request();
    *request.method_mut() = method;
    let reply = send_guarded(&site, request, guard().redirect_to("/login")).await;
    (reply.status.as_u16(), reply.header("location"))
}

fn redirect(location: &str) -> (u16, Option<String>) {
    (303, Some(location.to_owned()))
}

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

#[tokio::test]
async fn pages_are_redirected() {
    for headers in [
        &[][..],
        &[("accept", BROWSER)],
        &[("accept", "*/*")],
        &[("accept", "text/*;q=0.5")],
        &[("accept", "application/json, Text/HTML;level=1")],
        &[("accept", "application/json"), ("accept", "text/html")],
        &[("accept", BROWSER), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[("accept", BROWSER), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
        &[("accept", BROWSER), ("upgrade-insecure-requests", "1")],
    ] {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(answer(method, headers).await, redirect("/login?next=%2Faccount"), "{headers:?}");
        }
    }
}

#[tokio::test]
async fn what_scripts_and_programs_fetch_is_401() {
    for headers in [
        &[("accept", "application/json")][..],
        &[("accept", "application/json, text/html;q=0")],
        &[("accept", "image/avif,image/webp")],
        &[("accept", "text/event-stream")],
        &[("accept", "")],
        &[("accept", BROWSER), ("x-requested-with", "XMLHttpRequest")],
        &[("accept", "*/*"), ("sec-fetch-mode", "cors")],
        &[("accept", "*/*"), ("sec-fetch-mode", "same-origin")],
        &[("accept", BROWSER), ("sec-fetch-mode", "no-cors")],
        &[("upgrade", "websocket"), ("connection", "upgrade")],
        &[("upgrade", "websocket"), ("connection", "upgrade"), ("sec-fetch-mode", "websocket")],
    ] {
        assert_eq!(answer(Method::GET, headers).await, (401, None), "{headers:?}");
    }
}

#[tokio::test]
async fn other_methods_are_401() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::CONNECT]
    {
        assert_eq!(answer(method.clone(), &[]).await, (401, None), "{method}");
        assert_eq!(answer(method.clone(), &[("accept", BROWSER)]).await, (401, None), "{method}");
        assert_eq!(answer(method, &[("sec-fetch-mode", "cors")]).await, (401, None));
    }
}

#[tokio::test]
async fn a_form_that_a_browser_sends_is_redirected_and_cannot_be_returned_to() {
    let form = [
        ("accept", BROWSER),
        ("sec-fetch-mode", "navigate"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    assert_eq!(answer(Method::POST, &form).await, redirect("/login"));
}
