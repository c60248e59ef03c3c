//! The application on `tower-sessions`.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};
use fred::prelude::{ClientLike as _, Config, Pool};
use tower_sessions::cookie::Key;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};
use tower_sessions_cookie_store::{CookieSessionConfig, CookieSessionManagerLayer};
use tower_sessions_redis_store::RedisStore;

use super::barrier::{REQUESTS, WriteBarrier};
use crate::app::App;
use crate::error_response::HandlerError;
use crate::sql::stores::with_tower_sessions_store;

async fn new(session: Session) -> Result<&'static str, HandlerError> {
    session.insert("started", true).await?;
    Ok("ok")
}

async fn set(
    session: Session,
    Path(number): Path<usize>,
    Extension(barrier): Extension<Arc<WriteBarrier>>,
) -> Result<String, HandlerError> {
    let before: Option<bool> = session.get("started").await?;
    barrier.wait().await;
    session.insert(&format!("f{number}"), true).await?;
    Ok(before.unwrap_or_default().to_string())
}

async fn count_fields(session: Session) -> Result<String, HandlerError> {
    let mut count = 0;
    for number in 0..REQUESTS {
        count += usize::from(session.get::<bool>(&format!("f{number}")).await?.is_some());
    }
    Ok(count.to_string())
}

async fn logout(session: Session) -> Result<&'static str, HandlerError> {
    session.flush().await?;
    Ok("ok")
}

fn routes() -> Router {
    Router::new()
        .route("/new", get(new))
        .route("/set/{number}", get(set))
        .route("/count", get(count_fields))
        .route("/logout", get(logout))
}

fn app(store: impl SessionStore + Clone, barrier: Arc<WriteBarrier>) -> App {
    App::Tower(routes().layer(SessionManagerLayer::new(store).with_secure(false)).layer(Extension(barrier)))
}

pub(super) fn cookie(barrier: Arc<WriteBarrier>) -> App {
    let config = CookieSessionConfig::default().with_secure(false);
    let layer = CookieSessionManagerLayer::private(Key::generate()).with_config(config);
    App::Tower(routes().layer(layer).layer(Extension(barrier)))
}

pub(super) fn memory(barrier: Arc<WriteBarrier>) -> App {
    app(MemoryStore::default(), barrier)
}

pub(super) async fn redis(barrier: Arc<WriteBarrier>, url: &str) -> Result<App> {
    let pool = Pool::new(Config::from_url(url)?, None, None, None, 6)?;
    pool.init().await?;
    Ok(app(RedisStore::new(pool), barrier))
}

pub(super) async fn sql(barrier: Arc<WriteBarrier>, url: &str) -> Result<App> {
    with_tower_sessions_store!(url, store => Ok(app(store, barrier)))
}
