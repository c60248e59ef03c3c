//! Requests for a page that is shown to somebody.

use http::header::{ACCEPT, UPGRADE};
use http::{HeaderMap, Method};

/// Whether the client shows the response as a page. Scripts, API clients and sockets would take a redirect to the sign-in
/// page for an answer.
///
/// Browsers say so in `Sec-Fetch-Mode`, on connections that they trust. Without it a `GET` or `HEAD` counts that accepts HTML.
pub(super) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => {
            is_read(method) && accepts_html(headers) && !is_script(headers) && !headers.contains_key(UPGRADE)
        }
    }
}

/// Whether repeating the request from its address alone does the same.
pub(super) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn is_script(headers: &HeaderMap) -> bool {
    headers
        .get("x-requested-with")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"xmlhttprequest"))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    values.peek().is_none()
        || values.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(is_html)
}

/// Whether an element of `Accept` covers HTML.
fn is_html(element: &str) -> bool {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    let is_named = ["text/html", "application/xhtml+xml", "text/*", "*/*"]
        .iter()
        .any(|it| range.eq_ignore_ascii_case(it));
    is_named && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
}
