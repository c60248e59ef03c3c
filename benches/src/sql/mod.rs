//! Measures stores in PostgreSQL and SQLite: `session`, `tower-sessions` and the bare driver.

mod application;
mod counting_proxy;
pub(crate) mod database;
mod many_sessions;
pub(crate) mod stores;
mod throughput;
mod traffic;
mod verbs;

pub use self::application::build as app;
pub use self::many_sessions::table as many_sessions;
pub use self::throughput::table as throughput;
pub use self::traffic::table as traffic;
