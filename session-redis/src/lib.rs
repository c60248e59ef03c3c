#![doc = include_str!("docs/guide.md")]
#![forbid(unsafe_code)]

mod announced;
mod answer;
mod batch;
mod builder;
mod cluster;
mod elsewhere;
mod end;
mod failure;
mod find;
mod fold;
mod index;
mod key;
mod layout;
mod limit;
#[cfg(feature = "seal")]
mod manifest;
mod node;
mod orphans;
mod outcome;
mod pulse;
mod revocations;
mod scan;
mod script;
#[cfg(feature = "seal")]
mod seal;
#[cfg(feature = "seal")]
mod sealed;
mod sealing;
mod sentinel;
mod server;
mod servers;
mod settings;
mod slot;
mod store;
mod target;
mod version;
#[cfg(feature = "seal")]
mod write_lock;
mod writes;

pub use builder::RedisStoreBuilder;
#[cfg(feature = "seal")]
pub use seal::{SealKey, SealKeyError};
pub use server::{ConfigError, Server};
pub use settings::WhileDisconnected;
pub use store::RedisStore;
pub use version::UnsupportedVersion;

// Their features make `aes-siv` erase its keys; they have no other use here.
#[cfg(feature = "seal")]
use {aes as _, cmac as _};
