//! Caching headers: `Vary` and `Cache-Control`.

use axum::response::AppendHeaders;
use http::StatusCode;
use session::Touch;

use crate::support::handlers::{destroy, idle, read, renew, write};
use crate::support::{Browser, Session, Site};

#[tokio::test]
async fn reading_the_session_adds_cookie_to_what_the_response_varies_by() {
    let site = Site::new();
    for (before, after) in [
        (vec![], "Cookie"),
        (vec!["Accept-Encoding"], "Accept-Encoding, Cookie"),
        (vec!["accept, origin"], "accept, origin, Cookie"),
        (vec!["Accept", "Origin"], "Accept, Origin, Cookie"),
        (vec!["Cookie"], "Cookie"),
        (vec!["cookie"], "cookie"),
        (vec!["Origin,COOKIE"], "Origin,COOKIE"),
        (vec!["X-Cookie"], "X-Cookie, Cookie"),
        (vec!["*"], "*"),
        (vec!["Origin", "*"], "Origin, *"),
        (vec![""], "Cookie"),
    ] {
        let handler = |session: Session| async move {
            session.data.name();
            AppendHeaders(before.into_iter().map(|value| ("vary", value)))
        };
        let reply = site.visit(&mut Browser::new(), handler).await;
        assert_eq!(reply.header("vary").as_deref(), Some(after));
        assert_eq!(reply.header("cache-control"), None);
    }
}

#[tokio::test]
async fn every_kind_of_use_makes_the_response_vary_by_cookie() {
    async fn varies<F: Future<Output = ()> + Send + 'static>(
        handler: impl FnOnce(Session) -> F + Clone + Send + Sync + 'static,
    ) -> bool {
        let reply = Site::new().visit(&mut Browser::new(), handler).await;
        reply.header("vary").as_deref() == Some("Cookie")
    }
    assert!(varies(|session| async move { drop(session.data.user()) }).await);
    assert!(varies(|session| async move { session.data.read(|_| ()) }).await);
    assert!(varies(|session| async move { assert!(session.is_new()) }).await);
    assert!(varies(|session| async move { assert!(!session.is_valid()) }).await);
    assert!(varies(|session| async move { assert!(session.id().is_none()) }).await);
    assert!(varies(|session| async move { assert!(session.token().is_none()) }).await);
    assert!(varies(|session| async move { session.data.clear_user() }).await);
    assert!(varies(|session| async move { session.clear() }).await);
    assert!(varies(|session| async move { session.destroy() }).await);
    assert!(varies(|session| async move { session.remember(true) }).await);
}

#[tokio::test]
async fn an_untouched_session_leaves_caching_to_the_handler() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let headers = [("vary", "Accept"), ("cache-control", "public, max-age=60")];
    let with_session = site.visit(&mut browser, move |_: Session| async move { headers }).await;
    let without = site.visit(&mut browser, move || async move { headers }).await;
    for reply in [with_session, without] {
        assert_eq!(reply.header("vary").as_deref(), Some("Accept"));
        assert_eq!(reply.header("cache-control").as_deref(), Some("public, max-age=60"));
        assert!(!reply.has_set_cookie());
    }
}

#[tokio::test]
async fn a_response_that_carries_the_cookie_stays_out_of_shared_caches() {
    let site = Site::new();
    for (before, after) in [
        (vec![], "private, no-store"),
        (vec!["public, max-age=60"], "private, no-store"),
        (vec!["s-maxage=60"], "private, no-store"),
        (vec!["S-MaxAge=60, no-store"], "private, no-store"),
        (vec!["no-store, public"], "private, no-store"),
        (vec!["no-store", "public"], "private, no-store"),
        (vec!["max-age=60"], "private, no-store"),
        (vec!["no-cache"], "private, no-store"),
        (vec!["private"], "private, no-store"),
        (vec!["no-store"], "no-store"),
        (vec!["No-Store, must-revalidate"], "No-Store, must-revalidate"),
        (vec!["private, no-store"], "private, no-store"),
    ] {
        let handler = |session: Session| async move {
            session.data.set_name("ada");
            AppendHeaders(before.into_iter().map(|value| ("cache-control", value)))
        };
        let reply = site.visit(&mut Browser::new(), handler).await;
        assert!(reply.has_set_cookie());
        assert_eq!(reply.header("cache-control").as_deref(), Some(after));
        assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    }
}

#[tokio::test]
async fn creation_renewal_and_deletion_all_say_private_and_vary() {
    let site = Site::new();
    let mut browser = Browser::new();
    let replies = [
        site.visit(&mut browser, write).await,
        site.visit(&mut browser, renew).await,
        site.visit(&mut browser, destroy).await,
    ];
    for reply in replies {
        assert!(reply.has_set_cookie());
        assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
        assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    }
}

#[tokio::test]
async fn a_rolling_cookie_that_no_handler_requested_makes_its_response_private_too() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let public = || async { [("cache-control", "public, max-age=60"), ("vary", "Accept")] };
    let reply = site.visit(&mut browser, public).await;
    assert!(reply.has_set_cookie());
    assert_eq!(reply.header("vary").as_deref(), Some("Accept, Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));

    let reply = site.visit(&mut Browser::new(), public).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("cache-control").as_deref(), Some("public, max-age=60"));
}

#[tokio::test]
async fn a_touch_that_no_handler_requested_leaves_caching_to_the_handler() {
    let site = Site::with(|builder| builder.touch(Touch::EveryRequest));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.at(1000);
    let reply = site.visit(&mut browser, || async { [("cache-control", "public")] }).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary"), None);
    assert_eq!(reply.header("cache-control").as_deref(), Some("public"));
}

#[tokio::test]
async fn not_modified_goes_without_a_rolling_cookie() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.at(1000);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.name();
            StatusCode::NOT_MODIFIED
        })
        .await;
    assert_eq!(reply.status, StatusCode::NOT_MODIFIED);
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control"), None);
}

#[tokio::test]
async fn not_modified_carries_the_cookie_of_a_session_that_was_renewed() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            StatusCode::NOT_MODIFIED
        })
        .await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.visit(&mut browser, read).await.body, "nobody");
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn what_the_handler_answers_passes_unchanged() {
    let site = Site::new();
    let body = "x".repeat(100_000);
    let respond = || {
        let body = body.clone();
        let headers = [("content-type", "text/x-test"), ("etag", "\"1\""), ("content-length", "100000")];
        (StatusCode::IM_A_TEAPOT, headers, body)
    };
    let (bare, used) = (respond(), respond());
    let bare = site.visit(&mut Browser::new(), move |_: Session| async move { bare }).await;
    let used = move |session: Session| async move {
        session.data.set_name("ada");
        used
    };
    let mut used = site.visit(&mut Browser::new(), used).await;
    assert_eq!(used.status, StatusCode::IM_A_TEAPOT);
    assert_eq!(used.body, body);
    for ours in ["set-cookie", "vary", "cache-control"] {
        assert!(used.headers.remove(ours).is_some());
    }
    assert_eq!(used.headers, bare.headers);
    assert_eq!(used.headers["content-length"], "100000");
    assert_eq!(site.visit(&mut Browser::new(), idle).await.headers["content-length"], "0");
}
