//! `session`, in memory, in cookies and in Redis.

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use session::{CookieStore, Databag, Key, MemoryStore, RedisStore, Session, SessionLayer, Store};
use session_core::Field;

use crate::app::App;
use crate::session_data::{NEW_VISITOR, Visitor};

async fn read(session: Session<Visitor>) -> String {
    session.data.counter().to_string()
}

async fn read_all(session: Session<Visitor>) -> String {
    session.data.read(Visitor::size).to_string()
}

async fn write(session: Session<Visitor>) -> String {
    let counter = session.data.counter() + 1;
    session.data.set_counter(counter);
    counter.to_string()
}

async fn new(session: Session<Visitor>) -> &'static str {
    let visitor = NEW_VISITOR.clone();
    session.data.set_user_id(visitor.user_id);
    session.data.set_name(visitor.name);
    session.data.set_roles(visitor.roles);
    session.data.set_counter(visitor.counter);
    session.data.set_token(visitor.token);
    session.data.set_preferences(visitor.preferences);
    "ok"
}

/// Returns the names and encoded values of all fields.
pub(crate) fn fields() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let field = |(index, field): (usize, &Field)| {
        let mut value = Vec::new();
        NEW_VISITOR.encode(index, &mut value)?;
        Ok((field.name, value))
    };
    Visitor::FIELDS.iter().enumerate().map(field).collect()
}

pub(crate) fn app(store: impl Store) -> Result<App> {
    let router = Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(read))
        .route("/read_all", get(read_all))
        .route("/write", get(write))
        .route("/new", get(new))
        .layer(SessionLayer::builder(store).plain_http().build()?);
    Ok(App::Tower(router))
}

pub(super) fn memory() -> Result<App> {
    app(MemoryStore::new())
}

pub(super) fn cookie() -> Result<App> {
    app(CookieStore::builder(Key::generate()?, "bench").cookie_name("session").stateless()?)
}

pub(super) fn redis(url: &str) -> Result<App> {
    app(RedisStore::new(url)?)
}
