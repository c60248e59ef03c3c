//! The memory store.

mod builder;
mod entry;
mod eviction;
mod filter;
mod index;
mod key;
mod lookup;
mod memory_store;
mod revocations;
mod session_limit;
mod sessions;
mod shard;
mod shard_pair;
mod store;
mod usage;
mod walk;
mod writes;
mod yield_now;

pub use self::builder::MemoryStoreBuilder;
pub use self::memory_store::MemoryStore;
