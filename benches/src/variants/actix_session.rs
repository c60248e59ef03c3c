//! `actix-session`, in cookies and in Redis, and its baseline, actix-web without sessions.
//!
//! Session data is a map of JSON strings by key.

use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_session::{Session, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::Key;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::web::{ServiceConfig, get};
use anyhow::Result;

use crate::actix;
use crate::app::App;
use crate::session_data::{NEW_VISITOR, Visitor};

fn visitor(session: &Session) -> actix_web::Result<Visitor> {
    session.get("visitor")?.ok_or_else(|| ErrorInternalServerError("the session is empty"))
}

async fn read(session: Session) -> actix_web::Result<String> {
    Ok(visitor(&session)?.counter.to_string())
}

async fn read_all(session: Session) -> actix_web::Result<String> {
    Ok(visitor(&session)?.size().to_string())
}

async fn write(session: Session) -> actix_web::Result<String> {
    let mut visitor = visitor(&session)?;
    visitor.counter += 1;
    session.insert("visitor", &visitor)?;
    Ok(visitor.counter.to_string())
}

async fn new(session: Session) -> actix_web::Result<&'static str> {
    session.insert("visitor", NEW_VISITOR.clone())?;
    Ok("ok")
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/anon", get().to(async || "ok"))
        .route("/read", get().to(read))
        .route("/read_all", get().to(read_all))
        .route("/write", get().to(write))
        .route("/new", get().to(new));
}

fn bare_routes(config: &mut ServiceConfig) {
    config
        .route("/anon", get().to(async || "ok"))
        .route("/read", get().to(async || 1_u64.to_string()))
        .route("/read_all", get().to(async || 600_usize.to_string()))
        .route("/write", get().to(async || 2_u64.to_string()))
        .route("/new", get().to(async || "ok"));
}

fn app(
    store: impl SessionStore + 'static,
    key: Key,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let sessions = SessionMiddleware::builder(store, key).cookie_secure(false).build();
    actix_web::App::new().wrap(sessions).configure(routes)
}

pub(super) async fn none() -> Result<App> {
    Ok(App::Actix(actix::app(|| actix_web::App::new().configure(bare_routes)).await))
}

pub(super) async fn cookie() -> Result<App> {
    let key = Key::generate();
    Ok(App::Actix(actix::app(move || app(CookieSessionStore::default(), key.clone())).await))
}

pub(super) async fn redis(url: String) -> Result<App> {
    let store = RedisSessionStore::new(url).await?;
    let key = Key::generate();
    Ok(App::Actix(actix::app(move || app(store.clone(), key.clone())).await))
}
