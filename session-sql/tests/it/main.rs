//! Integration tests on real databases, through the public API.

mod logs;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod revocations;
mod sealed;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod silent;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stored;
mod support;
mod sweep;
