//! Shared helpers: a site, its clients, and a store that counts calls.

mod bag;
mod browser;
mod capture;
pub(crate) mod framework;
mod handler;
pub(crate) mod handlers;
mod incoming;
pub(crate) mod on_actix;
mod open;
#[cfg(feature = "redis")]
mod redis;
mod respond;
mod site;
mod spy;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stored;
pub(crate) mod tcp;
pub(crate) mod web_socket;

pub(crate) use bag::Bag;
pub(crate) use browser::{Browser, Reply};
pub(crate) use capture::Capture;
pub(crate) use handler::{Arguments, Handler};
pub(crate) use incoming::Incoming;
pub(crate) use open::Open;
#[cfg(feature = "redis")]
pub(crate) use redis::{build_on_redis, on_redis, redis_server};
pub(crate) use respond::respond;
pub(crate) use site::{Log, Site, T0, seconds};
pub(crate) use spy::{SpyStore, Verb};
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{build_on_sqlite, on_sqlite, sqlite_store};

/// The session type of the handlers.
pub(crate) type Session = session::Session<Bag>;
