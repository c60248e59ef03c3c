//! Where a guard can be mounted, and who else uses the session.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::{any, get};
use http::Response;
use session::{AccessRejection, SessionRejection, SignedIn};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::{Session, Visitor, guard, guarded, send, signed_in, visit};
use crate::support::{Browser, Capture, Reply, Site, Verb};

async fn status(site: &Site, browser: &Browser, router: &Router, path: &str) -> u16 {
    let browser = Browser { uri: format!("https://example.com{path}"), ..browser.clone() };
    site.serve(&browser, router.clone()).await.status.as_u16()
}

#[tokio::test]
async fn a_route_layer_guards_the_routes_before_it_and_a_layer_the_fallback_too() {
    let site = Site::new();
    let stranger = Browser::new();
    let routes = || Router::new().route("/account", get(async || "account"));
    let by_route = routes().route_layer(guard()).route("/", get(async || "home"));
    for (path, expected) in [("/account", 401), ("/", 200), ("/missing", 404)] {
        assert_eq!(status(&site, &stranger, &by_route, path).await, expected, "{path}");
    }
    let whole = routes().layer(guard());
    for (path, expected) in [("/account", 401), ("/missing", 401)] {
        assert_eq!(status(&site, &stranger, &whole, path).await, expected, "{path}");
    }
    let one = Router::new().route("/account", get(async || "account").layer(guard()).post(async || "public"));
    assert_eq!(status(&site, &stranger, &one, "/account").await, 401);
    let mut request = stranger.request();
    (*request.uri_mut(), *request.method_mut()) = ("/account".parse().unwrap(), http::Method::POST);
    assert_eq!(send(&site, one, request).await.body, "public");
}

#[tokio::test]
async fn an_outer_and_an_inner_guard_load_the_session_once() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let admin = Router::new()
        .route("/", get(async || "admin"))
        .layer(guard().require(|session| session.data.is_admin()));
    let account = Router::new().route("/", get(async || "account"));
    let router = Router::new().nest("/admin", admin).nest("/account", account).layer(guard());
    assert_eq!(status(&site, &browser, &router, "/account").await, 200);
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(status(&site, &browser, &router, "/admin").await, 403);
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_sign_out_between_guard_and_handler_is_seen_by_the_handler() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let sign_out = async |session: Session, request: Request, next: Next| {
        session.destroy();
        next.run(request).await
    };
    let handler =
        async |visitor: Option<SignedIn<Visitor>>| if visitor.is_some() { "user" } else { "nobody" };
    let router = Router::new().fallback(any(handler)).layer(from_fn(sign_out)).layer(guard());
    let reply = site.serve(&browser, router).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
}

#[tokio::test]
async fn a_sign_out_before_the_guard_counts() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let sign_out = async |session: Session, request: Request, next: Next| {
        session.data.clear_user_id();
        next.run(request).await
    };
    assert_eq!(site.serve(&browser, guarded(guard()).layer(from_fn(sign_out))).await.status, 401);
    assert_eq!(visit(&site, &browser, guard()).await.status, 401);
}

#[tokio::test]
async fn a_session_that_another_request_ends_after_the_guard_is_not_brought_back() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let (store, token) = (site.store.clone(), session::Token::from(browser.token()));
    let handler = async move |visitor: SignedIn<Visitor>| {
        session::store::DynStore::destroy(&*store.inner, &token).await.unwrap();
        visitor.data.set_cart(["tea".to_owned()]);
        "too late"
    };
    let reply = site.serve(&browser, Router::new().fallback(any(handler)).layer(guard())).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "too late"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.store.len(), 0);
    assert_eq!(visit(&site, &browser, guard()).await.status, 401);
}

#[tokio::test]
async fn middleware_renders_a_refusal_by_its_reason() {
    let site = Site::new();
    let render = async |request: Request, next: Next| {
        let response = next.run(request).await;
        match response.extensions().get() {
            Some(AccessRejection::NotSignedIn) => Response::new("please sign in".into()),
            _ => response,
        }
    };
    let router = guarded(guard()).layer(from_fn(render));
    assert_eq!(site.serve(&Browser::new(), router).await.body, "please sign in");
}

#[tokio::test]
async fn a_guard_works_on_a_tower_service_with_types_of_its_own() {
    let site = Site::new();
    let service =
        site.layer.layer(guard().layer(service_fn(async |request: http::Request<&'static str>| {
            let session = Session::of_request(&request).await.unwrap();
            Ok::<_, Infallible>(Response::new(
                session.principal().map(|id| format!("{} {id}", request.body())),
            ))
        })));
    let response = service.clone().oneshot(http::Request::new("user")).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body()), (401, &None));
    let browser = signed_in(&site).await;
    let (parts, _) = browser.request().into_parts();
    let response = service.oneshot(http::Request::from_parts(parts, "user")).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_deref()), (200, Some("user 7")));
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn without_the_session_layer_the_answer_is_500_and_says_which_layer_is_missing() {
    let bare = async || {
        Reply::read(guarded(guard().redirect_to("/login")).oneshot(Browser::new().request()).await.unwrap())
            .await
    };
    // The first visit registers the callsite with the log, so that the thread of another test cannot disable it.
    bare().await;
    let log = Capture::start();
    let reply = bare().await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.starts_with(&SessionRejection::MissingLayer.to_string()), "{}", reply.body);
    assert_eq!(log.lines().len(), 1);
}

#[tokio::test]
async fn debug_of_a_guard_shows_its_settings() {
    let guard = guard().redirect_to("/login").fresh(crate::support::seconds(60));
    let text =
        r#"Guard { redirect_to: Some(ReturnTo("/login")), fresh: Some(60s), reauthenticate_at: None, .. }"#;
    assert_eq!(format!("{guard:?}"), text);
    assert_eq!(format!("{:?}", guard.layer(())), format!("GuardService {{ inner: (), guard: {text} }}"));
}
