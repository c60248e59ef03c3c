//! `tower-sessions`, with its own stores. Session data is a map of JSON values by key.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use fred::prelude::{ClientLike as _, Config, Pool};
use tower_sessions::cookie::Key;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};
use tower_sessions_cookie_store::{CookieSessionConfig, CookieSessionManagerLayer};
use tower_sessions_redis_store::RedisStore;

use crate::app::App;
use crate::error_response::HandlerError;
use crate::session_data::{NEW_VISITOR, Visitor};

/// Connections to Redis, as in the example of the store's documentation.
const POOL: usize = 6;

async fn visitor(session: &Session) -> Result<Visitor, HandlerError> {
    Ok(session.get("visitor").await?.context("the session is empty")?)
}

async fn read(session: Session) -> Result<String, HandlerError> {
    Ok(visitor(&session).await?.counter.to_string())
}

async fn read_all(session: Session) -> Result<String, HandlerError> {
    Ok(visitor(&session).await?.size().to_string())
}

async fn write(session: Session) -> Result<String, HandlerError> {
    let mut visitor = visitor(&session).await?;
    visitor.counter += 1;
    session.insert("visitor", &visitor).await?;
    Ok(visitor.counter.to_string())
}

async fn new(session: Session) -> Result<&'static str, HandlerError> {
    session.insert("visitor", NEW_VISITOR.clone()).await?;
    Ok("ok")
}

fn routes() -> Router {
    Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(read))
        .route("/read_all", get(read_all))
        .route("/write", get(write))
        .route("/new", get(new))
}

pub(crate) fn app(store: impl SessionStore + Clone) -> App {
    App::Tower(routes().layer(SessionManagerLayer::new(store).with_secure(false)))
}

pub(super) fn memory() -> App {
    app(MemoryStore::default())
}

pub(super) fn cookie() -> App {
    let config = CookieSessionConfig::default().with_secure(false);
    let layer = CookieSessionManagerLayer::private(Key::generate()).with_config(config);
    App::Tower(routes().layer(layer))
}

pub(super) async fn redis(url: String) -> Result<App> {
    let pool = Pool::new(Config::from_url(&url)?, None, None, None, POOL)?;
    pool.init().await?;
    Ok(app(RedisStore::new(pool)))
}
