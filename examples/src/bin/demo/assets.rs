//! Files that pages refer to, and the headers that keep out any others.

use axum::extract::{Path, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

const POLICY: &str = "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const SVG: &str = "image/svg+xml";

pub(crate) async fn file(Path(name): Path<String>) -> Response {
    let (content_type, content) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", include_str!("assets/style.css")),
        "live.js" => ("text/javascript; charset=utf-8", include_str!("assets/live.js")),
        "icon.svg" => (SVG, include_str!("assets/icon.svg")),
        "tea.svg" => (SVG, include_str!("assets/tea.svg")),
        "mug.svg" => (SVG, include_str!("assets/mug.svg")),
        "biscuits.svg" => (SVG, include_str!("assets/biscuits.svg")),
        "honey.svg" => (SVG, include_str!("assets/honey.svg")),
        "lemons.svg" => (SVG, include_str!("assets/lemons.svg")),
        "candle.svg" => (SVG, include_str!("assets/candle.svg")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "max-age=300")], content).into_response()
}

/// Middleware that forbids pages to load content of other sites, to run inline scripts, and to be shown in frames.
pub(crate) async fn restrict_content(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
