//! Servers of Redis, PostgreSQL, MariaDB and MySQL, and a driver of browsers, for tests. They use free loopback ports, and their processes and files are removed on drop.

#![forbid(unsafe_code)]

mod chromedriver;
mod cluster;
mod monitor;
mod mysql;
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
pub use monitor::Monitor;
pub use mysql::MySqlServer;
pub use postgres::PostgresServer;
pub use reply::Reply;
pub use sentinel::RedisSentinel;
pub use server::RedisServer;
pub use wait::wait_until;
