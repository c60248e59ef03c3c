//! SQLite.

mod contract;
mod database;
mod dropped;
mod faults;
mod setup;
mod sharing;
mod stored;
