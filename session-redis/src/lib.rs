#![doc = include_str!("docs/guide.md")]
#![forbid(unsafe_code)]

mod builder;
mod cluster;
mod failure;
mod key;
mod layout;
mod node;
mod scan;
mod script;
mod server;
mod servers;
mod settings;
mod slot;
mod store;
mod target;

pub use builder::RedisStoreBuilder;
pub use server::{ConfigError, Server};
pub use settings::WhileDisconnected;
pub use store::RedisStore;
