//! Servers of Redis, PostgreSQL and MariaDB and a driver of browsers for tests, on free loopback ports; processes and files are removed on drop.

#![forbid(unsafe_code)]

mod chromedriver;
mod cluster;
mod mariadb;
mod monitor;
mod postgres;
mod process;
mod reply;
mod sentinel;
mod server;
mod supervised;
mod tls;
mod wait;

pub use chromedriver::ChromeDriver;
pub use cluster::RedisCluster;
pub use mariadb::MariaDbServer;
pub use monitor::Monitor;
pub use postgres::PostgresServer;
pub use reply::Reply;
pub use sentinel::RedisSentinel;
pub use server::RedisServer;
pub use wait::wait_until;
