//! Connections to Redis: one server, a cluster, or the primary that sentinels report.
//!
//! redis-rs supplies the protocol and multiplexed connections. Its other clients do not suffice: the cluster client
//! retries commands that may have been executed already, so that a counter counts twice; the reconnecting one
//! keeps a connection that has gone silent; and the Sentinel one looks up the primary only on request, while the old
//! one loses writes.

pub(crate) mod address;
mod announcements;
pub(crate) mod batch;
mod cluster;
mod connect;
pub(crate) mod failure;
mod liveness;
mod node;
pub(crate) mod reply;
mod resp;
pub(crate) mod send;
mod sentinel;
pub(crate) mod settings;
mod stream;
pub(crate) mod version;
