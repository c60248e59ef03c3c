#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]

mod pool;
mod revocations;
mod setup;
mod store;
mod sweep;

mod backend;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod connection;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

mod error;
mod floor;
mod index_key;
mod meta;
mod outcome;
mod seal;
mod selection;
mod table;

// For databases that keep records whole.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod limit;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod record;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod rewrite;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod rows;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod write;

pub use pool::Pool;
#[cfg(feature = "seal")]
pub use session_core::seal::{SealKey, SealKeyError};
pub use store::SqlStore;
pub use table::InvalidTableName;
