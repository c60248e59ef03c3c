//! Integration tests on real databases, through the public API.

mod logs;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod revocations;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stored;
mod support;
