//! SQLite.

mod contract;
mod cookies;
pub(crate) mod database;
mod dropped;
mod faults;
mod setup;
mod sharing;
mod stored;
