//! Middleware between the session's and the handler, and around both.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::init_service;
use actix_web::{App, HttpResponse, web};
use session::{Databag, SessionRejection};

use super::{send, sessions};
use crate::support::handlers::read;
use crate::support::{Browser, Reply, Session, Site, Verb};

type Response<B = BoxBody> = Result<ServiceResponse<B>, actix_web::Error>;

/// Writes before and after the handler.
async fn guard(
    session: Session,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Response<impl MessageBody> {
    session.data.set_name("guard");
    let response = next.call(request).await?;
    session.data.update_name(|name| name.push_str(" guard"));
    Ok(response)
}

#[tokio::test]
async fn middleware_and_handler_share_the_session_and_one_commit() {
    let site = Site::new();
    let handler = |session: Session| async move {
        session.data.update_name(|name| name.push_str(" handler"));
        ""
    };
    let app = App::new().route("/", web::get().to(handler)).wrap(from_fn(guard)).wrap(sessions(&site));
    let mut browser = Browser::new();
    let reply = send(&init_service(app).await, &browser).await;
    assert_eq!(site.calls(), [Verb::Create]);
    browser.take_cookies(&reply);
    assert_eq!(site.visit(&mut browser, read).await.body, "guard handler guard");
}

#[derive(Databag)]
#[databag(namespace = "survey")]
struct Survey {
    answers: u32,
}

#[tokio::test]
async fn two_databags_in_middleware_and_handler_share_one_load_one_commit_and_one_cookie() {
    async fn library(
        survey: session::Session<Survey>,
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Response<impl MessageBody> {
        let response = next.call(request).await?;
        survey.data.update_answers(|answers| *answers += 1);
        Ok(response)
    }
    async fn handler(session: Session, survey: session::Session<Survey>) -> String {
        format!("{} {}", session.data.name(), survey.data.answers())
    }
    let site = Site::new();
    let app = App::new()
        .route("/", web::get().to(handler))
        .wrap(from_fn(library))
        .wrap(from_fn(guard))
        .wrap(sessions(&site));
    let app = init_service(app).await;
    let mut browser = Browser::new();
    let reply = send(&app, &browser).await;
    assert_eq!((reply.body.as_str(), reply.set_cookies().len()), ("guard 0", 1));
    assert_eq!(site.calls(), [Verb::Create]);
    browser.take_cookies(&reply);
    let reply = send(&app, &browser).await;
    assert_eq!((reply.body.as_str(), reply.set_cookies().len()), ("guard 1", 0));
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn a_guard_outside_of_the_middleware_says_in_the_body_where_that_belongs() {
    let site = Site::new();
    let app = App::new().route("/", web::get().to(read)).wrap(sessions(&site)).wrap(from_fn(guard));
    let app = init_service(app).await;
    let reply = send(&app, &Browser::new()).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
    assert!(reply.body.contains("`.wrap(session::SessionMiddleware::new(store))`"), "{reply:?}");
}

#[tokio::test]
async fn arguments_may_be_optional_or_results() {
    let handler = async |session: Result<Session, SessionRejection>, optional: Option<Session>| {
        let rejection = session.unwrap_err();
        assert!(matches!(rejection, SessionRejection::MissingLayer));
        assert!(optional.is_none());
        HttpResponse::Ok().body("no sessions here")
    };
    let app = init_service(App::new().route("/", web::get().to(handler))).await;
    assert_eq!(send(&app, &Browser::new()).await.body, "no sessions here");

    let app =
        App::new().route("/", web::get().to(async |session: Option<Session>| session.unwrap().data.name()));
    let app = init_service(app.wrap(sessions(&Site::new()))).await;
    assert_eq!(send(&app, &Browser::new()).await.body, "nobody");
}

#[tokio::test]
async fn middleware_finds_the_error_of_a_failed_commit_in_the_response() {
    async fn page(request: ServiceRequest, next: Next<EitherBody<BoxBody>>) -> Response {
        let response = next.call(request).await?;
        let error = response.response().extensions().get::<Arc<session::Error>>().cloned();
        Ok(match error {
            Some(error) => response.error_response(actix_web::error::ErrorServiceUnavailable(error)),
            None => response.map_into_boxed_body(),
        })
    }
    let site = Site::new();
    let browser = site.visitor("ada").await;
    site.store.break_down(Verb::Update);
    let handler = async |session: Session| {
        session.data.set_a(1u32);
        HttpResponse::Ok().body("saved")
    };
    let app = App::new().route("/", web::get().to(handler)).wrap(sessions(&site)).wrap(from_fn(page));
    let reply = send(&init_service(app).await, &browser).await;
    assert_eq!(reply.status, 503);
    assert!(reply.body.starts_with("the session could not be saved"), "{}", reply.body);
}

/// Responds with status 500 if the handler panics.
async fn catch(request: ServiceRequest, next: Next<BoxBody>) -> Response {
    let http = request.request().clone();
    let mut response = Box::pin(next.call(request));
    let caught = std::future::poll_fn(|cx| {
        std::panic::catch_unwind(AssertUnwindSafe(|| response.as_mut().poll(cx)))
            .unwrap_or_else(|_| std::task::Poll::Ready(Err(actix_web::error::ErrorInternalServerError(""))))
    });
    caught.await.or_else(|error| Ok(ServiceResponse::from_err(error, http)))
}

/// Sends a request whose handler panics after `act`; middleware inside the session's catches the panic.
async fn caught_after(site: &Site, browser: &mut Browser, act: fn(&Session)) -> Reply {
    let handler = move |session: Session| async move {
        act(&session);
        fail()
    };
    let resource = web::resource("/").to(handler).wrap(from_fn(catch));
    let reply = send(&init_service(App::new().service(resource).wrap(sessions(site))).await, browser).await;
    browser.take_cookies(&reply);
    assert_eq!(reply.status, 500);
    reply
}

fn fail() -> &'static str {
    panic!("the handler fails")
}

#[tokio::test]
async fn a_panic_caught_inside_is_a_response_of_status_5xx_like_any_other() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let reply = caught_after(&site, &mut browser, |session| session.data.set_name("eve")).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.name_of(&browser).await, "ada");

    let old = browser.clone();
    let reply = caught_after(&site, &mut browser, Session::renew).await;
    assert_ne!(reply.set_cookie().value(), old.token());
    assert_eq!(site.name_of(&browser).await, "ada");

    let reply = caught_after(&site, &mut browser, Session::destroy).await;
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.store.len(), 0);
}
