//! `ruts`, whose fields are separate values of its store. In memory it is a cache with a limit.
//!
//! Its Redis store uses HEXPIRE, of Redis 7.4.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use ruts::store::Ttl;
use ruts::store::moka::MokaStore;
use ruts::{CookieOptions, SessionLayer};
use tower_cookies::CookieManagerLayer;

use crate::app::App;
use crate::bag;
use crate::failed::Failed;

type Session = ruts::Session<MokaStore>;

/// More than are ever created here.
const CAPACITY: u64 = 2_000_000;

fn hour() -> Result<Ttl, Failed> {
    Ok(Ttl::new(3600)?)
}

async fn read(session: Session) -> Result<String, Failed> {
    Ok(session.get::<u64>("counter").await?.unwrap_or_default().to_string())
}

async fn read_all(session: Session) -> Result<String, Failed> {
    let Some(fields) = session.get_all().await? else { return Ok("0".into()) };
    let user_id: u64 = fields.get("user_id")?.unwrap_or_default();
    let name: String = fields.get("name")?.unwrap_or_default();
    let roles: Vec<String> = fields.get("roles")?.unwrap_or_default();
    let counter: u64 = fields.get("counter")?.unwrap_or_default();
    let token: String = fields.get("token")?.unwrap_or_default();
    let preferences: BTreeMap<String, String> = fields.get("preferences")?.unwrap_or_default();
    Ok(bag::size(user_id, &name, &roles, counter, &token, &preferences).to_string())
}

async fn write(session: Session) -> Result<String, Failed> {
    let counter = session.get::<u64>("counter").await?.unwrap_or_default() + 1;
    session.set("counter", &counter, hour()?, None).await?;
    Ok(counter.to_string())
}

async fn new(session: Session) -> Result<&'static str, Failed> {
    session.set("user_id", &bag::USER_ID, hour()?, None).await?;
    session.set("name", &bag::NAME, hour()?, None).await?;
    session.set("roles", &bag::roles(), hour()?, None).await?;
    session.set("counter", &1_u64, hour()?, None).await?;
    session.set("token", &bag::token(), hour()?, None).await?;
    session.set("preferences", &bag::preferences(), hour()?, None).await?;
    Ok("ok")
}

pub(super) fn memory() -> App {
    let store = MokaStore::builder().max_capacity(CAPACITY).build();
    let cookie = CookieOptions::build().name("session").http_only(true).max_age(3600).path("/");
    let router = Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(read))
        .route("/read_all", get(read_all))
        .route("/write", get(write))
        .route("/new", get(new))
        .layer(SessionLayer::new(Arc::new(store)).with_cookie_options(cookie))
        .layer(CookieManagerLayer::new());
    App::Tower(router)
}
