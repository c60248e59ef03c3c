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

use super::gate::Gate;
use crate::app::App;
use crate::failed::Failed;

async fn new(session: Session) -> Result<&'static str, Failed> {
    session.insert("started", true).await?;
    Ok("ok")
}

async fn set(
    session: Session,
    Path(number): Path<usize>,
    Extension(gate): Extension<Arc<Gate>>,
) -> Result<String, Failed> {
    let before: Option<bool> = session.get("started").await?;
    gate.pass().await;
    session.insert(&format!("f{number}"), true).await?;
    Ok(before.unwrap_or_default().to_string())
}

async fn fields(session: Session) -> Result<String, Failed> {
    let mut count = 0;
    for number in 0..super::requests::REQUESTS {
        count += usize::from(session.get::<bool>(&format!("f{number}")).await?.is_some());
    }
    Ok(count.to_string())
}

async fn logout(session: Session) -> Result<&'static str, Failed> {
    session.flush().await?;
    Ok("ok")
}

fn routes() -> Router {
    Router::new()
        .route("/new", get(new))
        .route("/set/{number}", get(set))
        .route("/count", get(fields))
        .route("/logout", get(logout))
}

fn app(store: impl SessionStore + Clone, gate: Arc<Gate>) -> App {
    App::Tower(routes().layer(SessionManagerLayer::new(store).with_secure(false)).layer(Extension(gate)))
}

pub(super) fn cookie(gate: Arc<Gate>) -> App {
    let config = CookieSessionConfig::default().with_secure(false);
    let layer = CookieSessionManagerLayer::private(Key::generate()).with_config(config);
    App::Tower(routes().layer(layer).layer(Extension(gate)))
}

pub(super) fn memory(gate: Arc<Gate>) -> App {
    app(MemoryStore::default(), gate)
}

pub(super) async fn redis(gate: Arc<Gate>, url: &str) -> Result<App> {
    let pool = Pool::new(Config::from_url(url)?, None, None, None, 6)?;
    pool.init().await?;
    Ok(app(RedisStore::new(pool), gate))
}
