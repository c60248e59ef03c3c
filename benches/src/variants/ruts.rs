//! `ruts`, in memory: a cache with a capacity limit. Its store holds each field as a separate value.
//!
//! Its Redis store requires HEXPIRE of Redis 7.4 and is not measured.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::routing::get;
use ruts::store::Ttl;
use ruts::store::moka::MokaStore;
use ruts::{CookieOptions, SessionLayer};
use tower_cookies::CookieManagerLayer;

use crate::app::App;
use crate::error_response::HandlerError;
use crate::session_data::{NEW_VISITOR, Visitor};

type Session = ruts::Session<MokaStore>;

/// More sessions than the benchmarks create.
const CAPACITY: u64 = 2_000_000;

fn hour() -> Result<Ttl, HandlerError> {
    Ok(Ttl::new(3600)?)
}

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
    session.set("visitor", &visitor, hour()?, None).await?;
    Ok(visitor.counter.to_string())
}

async fn new(session: Session) -> Result<&'static str, HandlerError> {
    session.set("visitor", &NEW_VISITOR.clone(), hour()?, None).await?;
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
