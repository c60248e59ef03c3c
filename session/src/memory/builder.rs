//! How a memory store is set up.

use std::sync::Arc;

use session_core::TokenSource;

use super::{Inner, MemoryStore};

/// Shards of a store without a capacity.
const SHARDS: usize = 64;
/// Sessions in a shard of a full store, about: eviction looks at all of them.
const SHARD_CAPACITY: usize = 128;
/// Beyond it, shards grow with the capacity.
const MAX_SHARDS: usize = 1 << 14;

/// Settings of a [`MemoryStore`].
#[derive(Clone, Debug, Default)]
pub struct MemoryStoreBuilder {
    capacity: Option<usize>,
    tokens: TokenSource,
}

impl MemoryStoreBuilder {
    /// Keeps at most this many sessions, at least one. Unless set, there is no limit.
    ///
    /// When the store is full, a new session ends another: of the one or two hundred in the new one's shard that
    /// which is nearest to its deadline, so an expired one first. Up to a capacity of 255 there is one shard, and
    /// it is the nearest of all. Who can create sessions can therefore end those of others: a capacity bounds
    /// memory, and does not replace limits on who creates how many.
    ///
    /// ```
    /// # use session::MemoryStore;
    /// let store = MemoryStore::builder().capacity(100_000).build();
    /// ```
    #[must_use]
    pub fn capacity(mut self, sessions: usize) -> Self {
        self.capacity = Some(sessions.max(1));
        self
    }

    /// Takes fresh tokens from `source` instead of the operating system's randomness: for tests.
    #[must_use]
    pub fn token_source(mut self, source: TokenSource) -> Self {
        self.tokens = source;
        self
    }

    /// The store.
    pub fn build(self) -> MemoryStore {
        let shards = self.capacity.map_or(SHARDS, |capacity| {
            let wanted = (capacity / SHARD_CAPACITY).clamp(1, MAX_SHARDS);
            1 << wanted.ilog2()
        });
        let capacity = self.capacity.unwrap_or(usize::MAX);
        MemoryStore(Arc::new(Inner::new(shards, capacity, self.tokens)))
    }
}
