//! The application on `axum_session`.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};
use axum_session::{SessionConfig, SessionLayer, SessionNullPool, SessionStore};

use super::barrier::{REQUESTS, WriteBarrier};
use crate::app::App;

type Session = axum_session::Session<SessionNullPool>;

async fn new(session: Session) -> &'static str {
    session.set("started", true);
    "ok"
}

async fn set(
    session: Session,
    Path(number): Path<usize>,
    Extension(barrier): Extension<Arc<WriteBarrier>>,
) -> String {
    let before = session.get::<bool>("started").unwrap_or_default();
    barrier.wait().await;
    session.set(&format!("f{number}"), true);
    before.to_string()
}

async fn count_fields(session: Session) -> String {
    let is_set = |number: &usize| session.get::<bool>(&format!("f{number}")).is_some();
    (0..REQUESTS).filter(is_set).count().to_string()
}

async fn logout(session: Session) -> &'static str {
    session.destroy();
    "ok"
}

pub(super) async fn memory(barrier: Arc<WriteBarrier>) -> Result<App> {
    let store = SessionStore::<SessionNullPool>::new(None, SessionConfig::default()).await?;
    let router = Router::new()
        .route("/new", get(new))
        .route("/set/{number}", get(set))
        .route("/count", get(count_fields))
        .route("/logout", get(logout))
        .layer(SessionLayer::new(store))
        .layer(Extension(barrier));
    Ok(App::Tower(router))
}
