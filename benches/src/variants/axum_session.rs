//! `axum_session`, in memory. Session data is a map of JSON strings by key.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use axum_session::{SessionConfig, SessionLayer, SessionNullPool, SessionStore};

use crate::app::App;
use crate::error_response::HandlerError;
use crate::session_data::{NEW_VISITOR, Visitor};

type Session = axum_session::Session<SessionNullPool>;

fn visitor(session: &Session) -> Result<Visitor, HandlerError> {
    Ok(session.get("visitor").context("the session is empty")?)
}

async fn read(session: Session) -> Result<String, HandlerError> {
    Ok(visitor(&session)?.counter.to_string())
}

async fn read_all(session: Session) -> Result<String, HandlerError> {
    Ok(visitor(&session)?.size().to_string())
}

async fn write(session: Session) -> Result<String, HandlerError> {
    let mut visitor = visitor(&session)?;
    visitor.counter += 1;
    session.set("visitor", &visitor);
    Ok(visitor.counter.to_string())
}

async fn new(session: Session) -> &'static str {
    session.set("visitor", NEW_VISITOR.clone());
    "ok"
}

pub(super) async fn memory() -> Result<App> {
    let store = SessionStore::<SessionNullPool>::new(None, SessionConfig::default()).await?;
    let router = Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(read))
        .route("/read_all", get(read_all))
        .route("/write", get(write))
        .route("/new", get(new))
        .layer(SessionLayer::new(store));
    Ok(App::Tower(router))
}
