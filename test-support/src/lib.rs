//! Redis servers for tests: each test starts its own on free loopback ports; processes and files are removed on drop.

#![forbid(unsafe_code)]

mod cluster;
mod monitor;
mod process;
mod reply;
mod sentinel;
mod server;
mod tls;
mod wait;

pub use cluster::RedisCluster;
pub use monitor::Monitor;
pub use reply::Reply;
pub use sentinel::RedisSentinel;
pub use server::RedisServer;
pub use wait::wait_until;
