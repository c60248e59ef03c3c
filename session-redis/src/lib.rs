#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod store;

mod destroy;
mod index;
mod inner;
mod revocations;
mod scan;
mod writes;

mod client;
mod lua;
mod seal;

mod damage;
mod key;
mod layout;
mod outcome;
mod record;
mod slot;

pub use builder::RedisStoreBuilder;
pub use client::address::{ConfigError, Server};
pub use client::settings::WhileDisconnected;
pub use client::version::UnsupportedVersion;
#[cfg(feature = "seal")]
pub use session_core::seal::{SealKey, SealKeyError};
pub use store::RedisStore;
