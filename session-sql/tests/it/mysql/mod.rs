//! MySQL and MariaDB.

mod contract;
mod cut;
pub(crate) mod database;
mod dropped;
mod faults;
mod messages;
pub(crate) mod proxied;
mod setup;
mod sharing;
mod too_large;
