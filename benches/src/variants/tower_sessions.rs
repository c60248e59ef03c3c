//! `tower-sessions`, a map of JSON values by name, with its own stores.

use std::collections::BTreeMap;

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use fred::prelude::{ClientLike as _, Config, Pool};
use tower_sessions::cookie::Key;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};
use tower_sessions_cookie_store::{CookieSessionConfig, CookieSessionManagerLayer};
use tower_sessions_redis_store::RedisStore;

use crate::app::App;
use crate::bag;
use crate::failed::Failed;

/// Connections to Redis, as the store's documentation has them.
const POOL: usize = 6;

async fn read(session: Session) -> Result<String, Failed> {
    Ok(session.get::<u64>("counter").await?.unwrap_or_default().to_string())
}

async fn read_all(session: Session) -> Result<String, Failed> {
    let user_id: u64 = session.get("user_id").await?.unwrap_or_default();
    let name: String = session.get("name").await?.unwrap_or_default();
    let roles: Vec<String> = session.get("roles").await?.unwrap_or_default();
    let counter: u64 = session.get("counter").await?.unwrap_or_default();
    let token: String = session.get("token").await?.unwrap_or_default();
    let preferences: BTreeMap<String, String> = session.get("preferences").await?.unwrap_or_default();
    Ok(bag::size(user_id, &name, &roles, counter, &token, &preferences).to_string())
}

async fn write(session: Session) -> Result<String, Failed> {
    let counter = session.get::<u64>("counter").await?.unwrap_or_default() + 1;
    session.insert("counter", counter).await?;
    Ok(counter.to_string())
}

async fn new(session: Session) -> Result<&'static str, Failed> {
    session.insert("user_id", bag::USER_ID).await?;
    session.insert("name", bag::NAME).await?;
    session.insert("roles", bag::roles()).await?;
    session.insert("counter", 1_u64).await?;
    session.insert("token", bag::token()).await?;
    session.insert("preferences", bag::preferences()).await?;
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

fn app(store: impl SessionStore + Clone) -> App {
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
