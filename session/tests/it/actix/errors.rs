//! Errors of handlers, which are responses, and of middleware, which become responses outside of the session's.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::dev::{Service as _, ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorForbidden, ErrorInternalServerError, InternalError};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, ResponseError, web};

use super::{send, sessions};
use crate::support::handlers::read;
use crate::support::{Browser, Reply, Session, Site, Verb};

type Response = Result<ServiceResponse, actix_web::Error>;

/// An error with a response of its own, and the default of `status_code`, which is 500.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl ResponseError for Refused {
    fn error_response(&self) -> HttpResponse {
        HttpResponse::Conflict().insert_header(("vary", "Accept")).body("a page of its own")
    }
}

/// An error whose response can be taken once.
fn once() -> actix_web::Error {
    InternalError::from_response("once", HttpResponse::Gone().body("taken")).into()
}

/// Sends a request to a handler that returns this error after `act`.
async fn handler_fails(
    site: &Site,
    browser: &Browser,
    act: fn(&Session),
    error: fn() -> actix_web::Error,
) -> Reply {
    let handler = move |session: Session| async move {
        act(&session);
        Err::<&str, _>(error())
    };
    let app = init_service(App::new().route("/", web::get().to(handler)).wrap(sessions(site))).await;
    send(&app, browser).await
}

/// Sends a request to an application in which middleware between session and handler returns this error after `act`.
async fn middleware_fails(
    site: &Site,
    browser: &Browser,
    act: fn(&Session),
    error: fn() -> actix_web::Error,
) -> Reply {
    let fail = from_fn(move |session: Session, _: ServiceRequest, _: Next<BoxBody>| async move {
        act(&session);
        Response::Err(error())
    });
    let app = App::new().route("/", web::get().to(read)).wrap(fail).wrap(sessions(site));
    send(&init_service(app).await, browser).await
}

#[tokio::test]
async fn an_error_of_status_4xx_saves_the_session_and_carries_its_cookie() {
    let forbidden: fn() -> actix_web::Error = || ErrorForbidden("forbidden");
    let errors =
        [(forbidden, 403, "forbidden"), (|| Refused.into(), 409, "a page of its own"), (once, 410, "taken")];
    for (error, status, body) in errors {
        let site = Site::new();
        let act = |session: &Session| session.data.set_name("ada");
        for by_middleware in [false, true] {
            let reply = if by_middleware {
                middleware_fails(&site, &Browser::new(), act, error).await
            } else {
                handler_fails(&site, &Browser::new(), act, error).await
            };
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (status, body));
            assert_eq!(site.calls(), [Verb::Create]);
            let vary = if status == 409 { "Accept, Cookie" } else { "Cookie" };
            assert_eq!(reply.header("vary").as_deref(), Some(vary));
            let mut browser = Browser::new();
            browser.take_cookies(&reply);
            assert_eq!(site.name_of(&browser).await, "ada");
            site.calls();
        }
    }
}

#[tokio::test]
async fn an_error_of_status_5xx_does_not_save_the_session_but_a_renewal_counts() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let error = || ErrorInternalServerError("broken");
    for by_middleware in [false, true] {
        let act = |session: &Session| session.data.set_name("eve");
        let reply = if by_middleware {
            middleware_fails(&site, &browser, act, error).await
        } else {
            handler_fails(&site, &browser, act, error).await
        };
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (500, "broken"));
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);

        let old = browser.token().to_owned();
        let reply = if by_middleware {
            middleware_fails(&site, &browser, Session::renew, error).await
        } else {
            handler_fails(&site, &browser, Session::renew, error).await
        };
        browser.take_cookies(&reply);
        assert_ne!(browser.token(), old);
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(site.name_of(&browser).await, "ada");
        site.calls();
    }
}

#[tokio::test]
async fn a_commit_that_fails_replaces_the_response_to_an_error() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    site.store.break_down(Verb::Update);
    let act = |session: &Session| session.data.set_a(1u32);
    for reply in [
        handler_fails(&site, &browser, act, || ErrorForbidden("forbidden")).await,
        middleware_fails(&site, &browser, act, || ErrorForbidden("forbidden")).await,
    ] {
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (503, ""));
        assert!(!reply.has_set_cookie());
    }
}

#[tokio::test]
async fn an_error_in_a_request_that_does_not_use_its_session_passes_as_it_is() {
    let site = Site::new();
    let fail = from_fn(async |_: ServiceRequest, _: Next<BoxBody>| Response::Err(Refused.into()));
    let app = App::new().wrap(fail).wrap(sessions(&site));
    let app = init_service(app).await;
    let error = app.call(TestRequest::default().to_request()).await.unwrap_err();
    assert!(error.as_error::<Refused>().is_some());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_handler_may_return_an_error_of_the_session_by_the_question_mark() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    site.store.break_down(Verb::Update);
    let handler = async |session: Session| {
        session.data.set_a(1u32);
        session.save().await?;
        Ok::<_, actix_web::Error>("saved")
    };
    let app = App::new().route("/", web::get().to(handler)).wrap(sessions(&site));
    let reply = send(&init_service(app).await, &browser).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
    assert!(reply.body.starts_with("the session could not be saved"), "{}", reply.body);
}
