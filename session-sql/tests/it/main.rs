//! Integration tests on real databases, through the public API.

#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
