//! The application on `axum_session`.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};
use axum_session::{SessionConfig, SessionLayer, SessionNullPool, SessionStore};

use super::gate::Gate;
use crate::app::App;

type Session = axum_session::Session<SessionNullPool>;

async fn new(session: Session) -> &'static str {
    session.set("started", true);
    "ok"
}

async fn set(session: Session, Path(number): Path<usize>, Extension(gate): Extension<Arc<Gate>>) -> String {
    let before = session.get::<bool>("started").unwrap_or_default();
    gate.pass().await;
    session.set(&format!("f{number}"), true);
    before.to_string()
}

async fn fields(session: Session) -> String {
    let is_set = |number: &usize| session.get::<bool>(&format!("f{number}")).is_some();
    (0..super::requests::REQUESTS).filter(is_set).count().to_string()
}

async fn logout(session: Session) -> &'static str {
    session.destroy();
    "ok"
}

pub(super) async fn memory(gate: Arc<Gate>) -> Result<App> {
    let store = SessionStore::<SessionNullPool>::new(None, SessionConfig::default()).await?;
    let router = Router::new()
        .route("/new", get(new))
        .route("/set/{number}", get(set))
        .route("/count", get(fields))
        .route("/logout", get(logout))
        .layer(SessionLayer::new(store))
        .layer(Extension(gate));
    Ok(App::Tower(router))
}
