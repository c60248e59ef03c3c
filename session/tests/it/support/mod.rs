//! A site, its visitors, and a store that counts.

mod bag;
mod browser;
mod capture;
pub(crate) mod handlers;
mod open;
#[cfg(feature = "redis")]
mod redis;
mod site;
mod spy;
mod stored;

pub(crate) use bag::Bag;
pub(crate) use browser::{Browser, Reply};
pub(crate) use capture::Capture;
pub(crate) use open::Open;
#[cfg(feature = "redis")]
pub(crate) use redis::{build_on_redis, on_redis, redis_server};
pub(crate) use site::{Log, Site, T0, seconds};
pub(crate) use spy::{SpyStore, Verb};

/// The session that the tests' handlers get.
pub(crate) type Session = session::Session<Bag>;
