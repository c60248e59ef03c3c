//! `axum_session`, a map of JSON texts by name, in memory.

use std::collections::BTreeMap;

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use axum_session::{SessionConfig, SessionLayer, SessionNullPool, SessionStore};

use crate::app::App;
use crate::bag;

type Session = axum_session::Session<SessionNullPool>;

async fn read(session: Session) -> String {
    session.get::<u64>("counter").unwrap_or_default().to_string()
}

async fn read_all(session: Session) -> String {
    let user_id: u64 = session.get("user_id").unwrap_or_default();
    let name: String = session.get("name").unwrap_or_default();
    let roles: Vec<String> = session.get("roles").unwrap_or_default();
    let counter: u64 = session.get("counter").unwrap_or_default();
    let token: String = session.get("token").unwrap_or_default();
    let preferences: BTreeMap<String, String> = session.get("preferences").unwrap_or_default();
    bag::size(user_id, &name, &roles, counter, &token, &preferences).to_string()
}

async fn write(session: Session) -> String {
    let counter = session.get::<u64>("counter").unwrap_or_default() + 1;
    session.set("counter", counter);
    counter.to_string()
}

async fn new(session: Session) -> &'static str {
    session.set("user_id", bag::USER_ID);
    session.set("name", bag::NAME);
    session.set("roles", bag::roles());
    session.set("counter", 1_u64);
    session.set("token", bag::token());
    session.set("preferences", bag::preferences());
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
