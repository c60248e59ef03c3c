//! MySQL and MariaDB.

mod contract;
mod cut;
pub(crate) mod database;
mod dropped;
mod faults;
mod messages;
mod setup;
mod sharing;
mod too_large;
