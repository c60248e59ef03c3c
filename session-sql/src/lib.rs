#![doc = include_str!("docs/guide.md")]
#![forbid(unsafe_code)]
#![cfg(any(feature = "postgres", feature = "sqlite"))]

mod pool;
mod store;
mod sweep;

mod backend;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

mod error;
mod index_key;
mod limit;
mod meta;
mod outcome;
mod record;
mod rewrite;
mod selection;
mod table;

pub use pool::Pool;
pub use store::SqlStore;
pub use table::InvalidTableName;
