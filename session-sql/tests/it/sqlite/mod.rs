//! SQLite.

mod contract;
pub(crate) mod database;
mod dropped;
mod faults;
mod setup;
mod sharing;
mod stored;
