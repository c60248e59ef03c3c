//! The layer on tower services, and requests without it.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::get;
use http::Response;
use session::SessionRejection;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::handlers::{idle, read, write};
use crate::support::{Bag, Browser, Capture, Incoming, Reply, Session, Site, Verb, respond, seconds};

#[tokio::test]
async fn routes_outside_the_layer_never_reach_the_store() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    let router = Router::new()
        .route("/in", get(read))
        .layer(site.layer.clone())
        .route("/out", get(|| async { "static" }));
    for (path, body, calls) in [("/out", "static", vec![]), ("/in", "nobody", vec![Verb::Load, Verb::Touch])]
    {
        let browser = Browser { uri: format!("https://example.com{path}"), ..browser.clone() };
        let reply = Reply::read(router.clone().oneshot(browser.request()).await.unwrap()).await;
        assert_eq!(reply.body, body);
        assert_eq!(reply.has_set_cookie(), path == "/in");
        assert_eq!(site.calls(), calls);
    }
}

#[tokio::test]
async fn a_handler_that_uses_no_session_costs_no_store_call() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    let reply = site.visit(&mut browser, || async { "static" }).await;
    assert_eq!(reply.body, "static");
    assert_eq!(reply.header("vary"), None);
    assert_eq!(site.calls(), []);
    site.store.break_down(Verb::Load);
    assert_eq!(site.visit(&mut browser, || async { "static" }).await.status, 200);
}

#[tokio::test]
async fn a_session_is_loaded_once_however_often_a_request_uses_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    let handler = |one: Session, other: Session, request: Incoming| async move {
        let third = request.session::<Bag>().await.unwrap();
        one.data.set_name("ada");
        assert_eq!(other.data.name(), "ada");
        third.data.name()
    };
    assert_eq!(site.visit(&mut browser, handler).await.body, "ada");
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn middleware_and_handler_share_the_session_and_one_commit() {
    let site = Site::new();
    let guard = |request: Request, next: Next| async move {
        let session = Session::of_request(&request).await.unwrap();
        session.data.set_name("guard");
        let response = next.run(request).await;
        session.data.update_name(|name| name.push_str(" guard"));
        response
    };
    let handler =
        |session: Session| async move { session.data.update_name(|name| name.push_str(" handler")) };
    let router = Router::new().route("/", get(handler)).layer(from_fn(guard));
    let mut browser = Browser::new();
    let reply = site.serve(&browser, router).await;
    assert_eq!(site.calls(), [Verb::Create]);
    browser.take_cookies(&reply);
    assert_eq!(site.visit(&mut browser, read).await.body, "guard handler guard");
}

#[tokio::test]
async fn sessions_work_in_a_tower_service_with_types_of_its_own() {
    let site = Site::new();
    let service = site.layer.layer(service_fn(|request: http::Request<&'static str>| async move {
        let session = Session::of_request(&request).await.unwrap();
        session.data.update_visits(|visits| *visits += 1);
        Ok::<_, Infallible>(Response::new(format!("{} {}", request.body(), session.data.visits())))
    }));
    let response = service.clone().oneshot(http::Request::new("visit")).await.unwrap();
    assert_eq!(response.body(), "visit 1");
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let pair = cookie.split(';').next().unwrap();

    let request = http::Request::builder().header("cookie", pair).body("visit").unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.body(), "visit 2");
    assert!(!response.headers().contains_key("set-cookie"));
    assert_eq!(site.calls(), [Verb::Create, Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn an_error_of_the_service_passes_and_saves_nothing() {
    let site = Site::new();
    let service = site.layer.layer(service_fn(|request: http::Request<()>| async move {
        Session::of_request(&request).await.unwrap().data.set_name("ada");
        Err::<Response<()>, _>("out of order")
    }));
    assert_eq!(service.oneshot(http::Request::new(())).await.unwrap_err(), "out of order");
    assert_eq!(site.calls(), []);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_layer_put_on_twice_still_makes_one_session_and_one_cookie() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    let twice = || Router::new().route("/", get(write)).layer(site.layer.clone());
    let reply = site.serve(&browser, twice()).await;
    browser.take_cookies(&reply);
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.store.len(), 1);
    let token = browser.token().to_owned();
    assert_eq!(site.serve(&browser, twice()).await.set_cookie().value(), token);
    assert_eq!(site.store.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_half_way_saves_nothing_and_is_no_error() {
    let site = Site::new();
    let mut browser = Browser::new();
    let handler = |session: Session| async move {
        session.data.set_name("ada");
        std::future::pending::<()>().await;
    };
    let visit = site.visit(&mut browser, handler);
    assert!(tokio::time::timeout(seconds(1), visit).await.is_err());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn without_the_layer_the_answer_is_500_and_the_log_says_which_layer_is_missing() {
    let bare = async || Reply::read(respond(None, Browser::new().request(), idle).await).await;
    // The first visit registers the callsite with the log, so that the thread of another test cannot disable it.
    bare().await;
    let log = Capture::start();
    let reply = bare().await;
    let sentence = "no session layer around this route or middleware; \
                    add `.layer(session::SessionLayer::new(store))` to the router";
    assert_eq!(reply.status.as_u16(), 500);
    assert!(reply.body.starts_with(sentence), "{}", reply.body);
    assert!(!reply.has_set_cookie());
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ERROR") && lines[0].contains(sentence), "{lines:?}");
}

/// Conflicts with a field of the tests' databag.
#[derive(session::Databag)]
struct Clashing {
    name: String,
}

#[tokio::test]
async fn a_databag_that_names_a_field_of_another_is_500_and_the_log_names_both_and_the_field() {
    let site = Site::new();
    let visit = async || {
        site.visit(&mut Browser::new(), |first: Session, _: session::Session<Clashing>| async move {
            first.data.set_name("ada");
        })
        .await
    };
    visit().await;
    let log = Capture::start();
    let reply = visit().await;
    assert_eq!(reply.status.as_u16(), 500);
    assert!(!reply.has_set_cookie());
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for named in ["::Clashing`", "::Bag`", "`name`"] {
        assert!(reply.body.contains(named), "{}", reply.body);
        assert!(lines[0].contains(named), "{lines:?}");
    }
    // The first databag was opened, and the handler did not run.
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_handler_may_take_the_rejection_and_answer_itself() {
    let handler = async |session: Result<Session, SessionRejection>| {
        let rejection = session.unwrap_err();
        assert!(matches!(rejection, SessionRejection::MissingLayer));
        (rejection.status(), "no sessions here").into_response()
    };
    let reply = Reply::read(respond(None, Browser::new().request(), handler).await).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (500, "no sessions here"));
}

#[tokio::test]
async fn debug_of_layer_and_service_names_the_store_and_no_more() {
    let site = Site::new();
    assert_eq!(format!("{:?}", site.layer), r#"SessionLayer { store: "spy", .. }"#);
    assert_eq!(format!("{:?}", site.layer.layer(())), "SessionService { inner: (), .. }");
}
