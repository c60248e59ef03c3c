//! Pages of the applications: their visits are counted in the session.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use session::{MemoryStore, SessionLayer};
use tower::ServiceExt as _;

/// Sends a request with a cookie; returns the page, and the cookie that the response sets.
async fn visit(app: &Router, cookie: Option<&str>) -> (String, Option<String>) {
    let mut request = Request::builder().uri("/").header("accept", "text/html");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let set = response.headers().get("set-cookie").map(|line| line.to_str().unwrap());
    let set = set.and_then(|line| line.split(';').next()).map(str::to_owned);
    let page = response.into_body().collect().await.unwrap().to_bytes();
    (String::from_utf8(page.to_vec()).unwrap(), set)
}

async fn counts_visits(app: impl FnOnce(SessionLayer) -> Router) {
    let store = Arc::new(MemoryStore::new());
    let app = app(SessionLayer::new(Arc::clone(&store)));
    let (page, cookie) = visit(&app, None).await;
    assert!(page.contains("1 pages"), "{page}");
    let cookie = cookie.expect("the head has the cookie of a new session");
    let (page, none) = visit(&app, Some(&cookie)).await;
    assert!(page.contains("2 pages"), "{page}");
    assert_eq!((none, store.len()), (None, 1));
}

#[tokio::test]
async fn a_page_of_leptos_counts_its_visits() {
    counts_visits(full_stack::leptos::app).await;
}

#[tokio::test]
async fn a_page_of_dioxus_counts_its_visits() {
    // Where the command-line program of Dioxus puts the files of the browser's side.
    let program = std::env::current_exe().unwrap();
    std::fs::create_dir_all(program.with_file_name("public")).unwrap();
    counts_visits(full_stack::dioxus::app).await;
}
