//! Whom a guard lets pass.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::any;
use session::Databag;

use super::{Session, anonymous, guard, signed_in, visit};
use crate::support::{Browser, Site, Verb};

#[tokio::test]
async fn a_signed_in_visitor_passes_and_the_session_is_loaded_once() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let reply = visit(&site, &browser, guard()).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "Some(7)"));
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_stranger_gets_401_no_session_and_costs_no_store_call() {
    let site = Site::new();
    let reply = visit(&site, &Browser::new(), guard()).await;
    assert_eq!(reply.status, 401);
    assert!(reply.body.starts_with("nobody is signed in"), "{}", reply.body);
    assert_eq!(reply.header("location"), None);
    assert_eq!(reply.header("vary").unwrap(), "Cookie");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_session_without_a_principal_gets_401_and_stays() {
    let site = Site::new();
    let browser = anonymous(&site).await;
    let reply = visit(&site, &browser, guard()).await;
    assert_eq!(reply.status, 401);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    let cart = async |session: Session| session.data.cart().join(" ");
    assert_eq!(site.visit_as(&browser, cart).await.body, "tea");
}

#[tokio::test]
async fn an_unknown_token_and_an_expired_session_are_strangers() {
    let site = Site::new();
    let forged = Browser::with_cookie("__Host-session", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(visit(&site, &forged, guard()).await.status, 401);
    assert_eq!(site.calls(), [Verb::Load]);
    let browser = signed_in(&site).await;
    site.at(1799);
    assert_eq!(visit(&site, &browser, guard()).await.status, 200);
    site.at(1799 + 1800);
    assert_eq!(visit(&site, &browser, guard()).await.status, 401);
}

#[tokio::test]
async fn a_request_that_a_guard_looks_at_keeps_the_session_alive_like_any_use() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    site.at(1000);
    assert_eq!(site.serve(&browser, page().layer(guard())).await.body, "page");
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_nobody_is_taken_for_a_stranger() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    site.store.break_down(Verb::Load);
    let reply = visit(&site, &browser, guard().redirect_to("/login")).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (503, ""));
    assert_eq!(reply.header("location"), None);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.errors.take().len(), 1);
    site.store.recover();
    assert_eq!(visit(&site, &browser, guard().redirect_to("/login")).await.status, 200);
}

#[tokio::test]
async fn a_requirement_that_is_not_fulfilled_is_403_and_never_a_redirect() {
    let site = Site::new();
    let admins = || guard().redirect_to("/login").require(|session| session.data.is_admin());
    let mut browser = signed_in(&site).await;
    let reply = visit(&site, &browser, admins()).await;
    assert_eq!(reply.status, 403);
    assert!(reply.body.contains("not allowed"), "{}", reply.body);
    assert_eq!(reply.header("vary").unwrap(), "Cookie");
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(visit(&site, &Browser::new(), admins()).await.status, 303);

    site.visit(&mut browser, async |session: Session| session.data.set_is_admin(true)).await;
    assert_eq!(visit(&site, &browser, admins()).await.body, "Some(7)");
}

#[tokio::test]
async fn all_requirements_must_be_fulfilled() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    for (one, other, status) in [(true, true, 200), (true, false, 403), (false, true, 403)] {
        let both = guard().require(move |_| one).require(move |_| other);
        assert_eq!(visit(&site, &browser, both).await.status, status);
    }
}

#[tokio::test]
async fn a_requirement_is_not_asked_about_strangers() {
    let site = Site::new();
    let never = guard().require(|_| unreachable!("nobody is signed in"));
    assert_eq!(visit(&site, &Browser::new(), never).await.status, 401);
}

#[derive(Databag)]
struct Named {
    #[databag(principal, default = "guest")]
    name: String,
}

#[tokio::test]
async fn a_principal_that_is_no_option_and_was_never_set_is_nobody() {
    let site = Site::new();
    let router = || page().layer(session::guard::<Named>());
    let mut browser = Browser::new();
    assert_eq!(site.serve(&browser, router()).await.status, 401);
    site.visit(&mut browser, async |session: session::Session<Named>| session.data.set_name("ada")).await;
    assert_eq!(site.serve(&browser, router()).await.body, "page");
}

#[tokio::test]
async fn a_databag_that_does_not_fit_the_session_is_500_and_explained() {
    let site = Site::new();
    let outer = async |_: crate::support::Session, request: Request, next: Next| next.run(request).await;
    let router = page().layer(session::guard::<Named>()).layer(from_fn(outer));
    let reply = site.serve(&Browser::new(), router).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains("`name`"), "{}", reply.body);
    assert_eq!(site.errors.take().len(), 1);
}

fn page() -> Router {
    Router::new().fallback(any(async || "page"))
}
