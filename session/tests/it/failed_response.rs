//! Responses of status 4xx and 5xx, and handlers that panic.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::StatusCode;
use tower::ServiceExt as _;

use crate::support::{Browser, Reply, Session, Site, Verb, seconds};

async fn with_name(site: &Site) -> Browser {
    site.started(|session| session.data.set_name("ada")).await
}

/// Sends a request to a handler that runs `act` and responds with `status`.
async fn respond_with(site: &Site, browser: &mut Browser, status: u16, act: fn(&Session)) -> Reply {
    let status = StatusCode::from_u16(status).unwrap();
    let handler = move |session: Session| async move {
        act(&session);
        (status, "from the handler")
    };
    let reply = site.visit(browser, handler).await;
    assert_eq!((reply.status, reply.body.as_str()), (status, "from the handler"));
    reply
}

async fn name(site: &Site, browser: &Browser) -> String {
    let reply = site.visit_as(browser, |session: Session| async move { session.data.name() }).await;
    site.calls();
    reply.body
}

#[tokio::test]
async fn a_response_of_status_5xx_saves_nothing() {
    let site = Site::new();
    for status in [500, 501, 503, 599] {
        let mut browser = with_name(&site).await;
        let before = site.stored(&browser).await;
        let reply = respond_with(&site, &mut browser, status, |session| {
            session.data.set_name("eve");
            session.data.set_a(1u32);
            session.set_lifetime(seconds(60));
            session.remember(true);
        })
        .await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.stored(&browser).await, before);
    }
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_first_visit_answered_with_5xx_starts_no_session() {
    for act in [(|session| session.data.set_a(1u32)) as fn(&Session), Session::renew] {
        let site = Site::new();
        let reply = respond_with(&site, &mut Browser::new(), 500, act).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), []);
        assert_eq!(site.store.len(), 0);
        assert!(site.errors.take().is_empty());
    }
}

#[tokio::test]
async fn clearing_counts_although_the_response_is_5xx_and_other_changes_are_not_saved() {
    let site = Site::new();
    let mut browser = with_name(&site).await;
    let act = |session: &Session| {
        session.clear();
        session.data.set_name("eve");
    };
    respond_with(&site, &mut browser, 500, act).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(name(&site, &browser).await, "nobody");
}

#[tokio::test]
async fn reading_counts_as_use_also_when_the_response_is_5xx() {
    let site = Site::new();
    let mut browser = with_name(&site).await;
    site.at(1000);
    respond_with(&site, &mut browser, 500, |session| session.data.read(|_| ())).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
}

#[tokio::test]
async fn every_other_status_saves() {
    let site = Site::new();
    for status in [201, 302, 304, 400, 401, 404, 422, 499] {
        let mut browser = Browser::new();
        let reply = respond_with(&site, &mut browser, status, |session| session.data.set_name("ada")).await;
        assert_eq!(site.calls(), [Verb::Create]);
        assert_eq!(reply.set_cookie().value(), browser.token());
        assert_eq!(name(&site, &browser).await, "ada");
    }
}

#[tokio::test]
async fn an_explicit_save_counts_although_the_response_is_5xx() {
    let site = Site::new();
    let mut browser = Browser::new();
    for name in ["ada", "eve"] {
        let reply = site
            .visit(&mut browser, move |session: Session| async move {
                session.data.set_name(name);
                session.save().await.unwrap();
                session.data.set_name("lost");
                StatusCode::INTERNAL_SERVER_ERROR
            })
            .await;
        assert_eq!(reply.status, 500);
        assert_eq!(reply.has_set_cookie(), name == "ada");
        assert_eq!(self::name(&site, &browser).await, name);
    }
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_renewal_counts_although_the_response_is_5xx_and_saves_no_data() {
    let site = Site::new();
    let asked = [(Session::renew as fn(&Session), "ada"), (Session::renew_and_clear, "nobody")];
    for (renew, left) in asked {
        let mut browser = with_name(&site).await;
        let old = browser.clone();
        let handler = move |session: Session| async move {
            renew(&session);
            session.data.set_name("eve");
            StatusCode::INTERNAL_SERVER_ERROR
        };
        let reply = site.visit(&mut browser, handler).await;
        assert_eq!(reply.status, 500);
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_ne!(reply.set_cookie().value(), old.token());
        assert_eq!(name(&site, &browser).await, left);
        assert_eq!(name(&site, &old).await, "nobody");
    }
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_destroy_counts_although_the_response_is_5xx_and_nothing_new_is_started() {
    let site = Site::new();
    let mut browser = with_name(&site).await;
    let reply = respond_with(&site, &mut browser, 500, |session| {
        session.destroy();
        session.data.set_name("eve");
    })
    .await;
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_token_that_opens_nothing_is_deleted_by_a_destroy_although_the_response_is_5xx() {
    let site = Site::new();
    let mut browser = with_name(&site).await;
    site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
    site.calls();
    let reply = respond_with(&site, &mut browser, 500, Session::destroy).await;
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load]);
}

fn fail() -> &'static str {
    panic!("the handler fails")
}

/// Sends a request whose handler panics after `act`, without a layer that catches it inside the session layer.
async fn panic_after(site: &Site, browser: &Browser, act: fn(&Session)) {
    let handler = move |session: Session| async move {
        act(&session);
        fail()
    };
    let response = site.respond(browser.request(), handler);
    let panic = tokio::spawn(response).await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"the handler fails"));
}

#[tokio::test]
async fn a_panic_goes_on_its_way_and_nothing_is_saved() {
    let site = Site::new();
    let browser = with_name(&site).await;
    let before = site.stored(&browser).await;
    panic_after(&site, &browser, |session| session.data.set_name("eve")).await;
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.stored(&browser).await, before);

    panic_after(&site, &Browser::new(), |session| session.data.set_name("eve")).await;
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 1);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_destroy_before_a_panic_counts() {
    let site = Site::new();
    let browser = with_name(&site).await;
    panic_after(&site, &browser, Session::destroy).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_renewal_before_a_panic_counts() {
    let site = Site::new();
    let browser = with_name(&site).await;
    panic_after(&site, &browser, Session::renew).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(name(&site, &browser).await, "nobody");
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn a_panic_in_a_handler_that_does_not_use_its_session_costs_no_store_call() {
    let site = Site::new();
    let browser = with_name(&site).await;
    let response = site.respond(browser.request(), || async { fail() });
    assert!(tokio::spawn(response).await.unwrap_err().is_panic());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_panic_while_the_data_is_borrowed_neither_hangs_nor_saves() {
    let site = Site::new();
    let browser = with_name(&site).await;
    panic_after(&site, &browser, |session| {
        session.data.update_name(|name| {
            name.push_str(" broken off");
            fail();
        });
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(name(&site, &browser).await, "ada");
}

/// Responds with status 500 if the handler panics.
async fn catch(request: Request, next: Next) -> Response {
    let response = tokio::spawn(next.run(request)).await;
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Sends a request whose handler panics after `act`; a layer inside the session layer catches the panic.
async fn caught_after(site: &Site, browser: &mut Browser, act: fn(&Session)) -> Reply {
    let handler = move |session: Session| async move {
        act(&session);
        fail()
    };
    let reply = site.serve(browser, Router::new().fallback(any(handler)).layer(from_fn(catch))).await;
    browser.take_cookies(&reply);
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (500, ""));
    reply
}

#[tokio::test]
async fn a_panic_caught_inside_is_a_response_of_status_5xx_like_any_other() {
    let site = Site::new();
    let mut browser = with_name(&site).await;
    let reply = caught_after(&site, &mut browser, |session| session.data.set_name("eve")).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(name(&site, &browser).await, "ada");

    let old = browser.clone();
    let reply = caught_after(&site, &mut browser, Session::renew).await;
    assert_ne!(reply.set_cookie().value(), old.token());
    assert_eq!(name(&site, &browser).await, "ada");

    let reply = caught_after(&site, &mut browser, Session::destroy).await;
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.store.len(), 0);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn an_error_in_place_of_a_response_is_handed_on_and_saves_nothing() {
    let site = Site::new();
    let browser = with_name(&site).await;
    let service = tower::service_fn(async |request: Request| {
        let session = Session::of_request(&request).await.unwrap();
        session.data.set_name("eve");
        Err::<Response, _>("broken pipe")
    });
    let service = tower::Layer::layer(&site.layer, service);
    assert_eq!(service.oneshot(browser.request()).await.unwrap_err(), "broken pipe");
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(name(&site, &browser).await, "ada");
}

#[tokio::test]
async fn a_request_that_its_client_abandons_saves_nothing_and_the_session_stays_usable() {
    let site = Site::new();
    let browser = with_name(&site).await;
    let request = site.open(&browser).await;
    request.session.data.set_name("eve");
    request.abandon().await;
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(name(&site, &browser).await, "ada");
    assert!(site.errors.take().is_empty());
}
