//! The layer in an application.

use axum::Router;
use axum::routing::any;
use session::csrf::CsrfLayer;

use crate::support::{Browser, Site, handlers};

#[tokio::test]
async fn a_refused_request_reaches_neither_the_handler_nor_the_store() {
    let site = Site::new();
    let browser = site.visitor("ada").await.sending("sec-fetch-site", "cross-site");
    let router = || Router::new().fallback(any(handlers::write)).layer(CsrfLayer::new());
    let reply = site.serve(&browser, router()).await;
    assert_eq!(reply.status, 200, "a request with a safe method passes");
    site.calls();

    let mut request = browser.request();
    *request.method_mut() = http::Method::POST;
    let service = router().layer(site.layer.clone());
    let response = tower::ServiceExt::oneshot(service, request).await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(!response.headers().contains_key("set-cookie"));
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_refusal_says_why_in_debug_builds_and_names_no_token() {
    let site = Site::new();
    let handler = |csrf: session::csrf::CsrfToken| async move { csrf.verify("a forged token") };
    let reply = site.visit_as(&Browser::new(), handler).await;
    assert_eq!(reply.status, 403);
    assert!(reply.body.contains("reload the page"), "{}", reply.body);
    assert!(!reply.body.contains("forged"), "{}", reply.body);
}
