//! PostgreSQL.

mod busy;
mod contract;
mod cut_off;
pub(crate) mod database;
mod dropped;
mod failover;
mod faults;
mod large;
mod limit;
pub(crate) mod proxied;
mod proxy;
mod round_trips;
mod setup;
mod sharing;
mod stored;
mod waiting;
mod waiting_loads;
mod waiting_updates;
