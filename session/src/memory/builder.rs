//! Constructors and settings of the memory store.

use session_core::TokenSource;

use super::memory_store::MemoryStore;
use super::sessions::Sessions;

/// The number of shards of a store without a capacity.
const SHARDS: usize = 64;
/// The approximate number of sessions in a shard of a full store; an eviction scans all of them.
const SESSIONS_PER_SHARD: usize = 128;
/// The maximum number of shards; beyond it, shards grow with the capacity.
const MAX_SHARDS: usize = 1 << 14;

impl MemoryStore {
    /// Creates a store without a capacity.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns a builder, to set a capacity.
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::default()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Builds a [`MemoryStore`].
#[derive(Clone, Debug, Default)]
pub struct MemoryStoreBuilder {
    capacity: Option<usize>,
    tokens: TokenSource,
}

impl MemoryStoreBuilder {
    /// Sets the maximum number of sessions, at least one. Unlimited by default.
    ///
    /// When the store is full, a new session evicts another: of the one or two hundred in the new session's shard the
    /// one with the earliest deadline, so an expired one first. Up to a capacity of 255 there is one shard, so that it
    /// has the earliest deadline of all. A client that can create sessions can therefore end those of others: a
    /// capacity bounds memory, and does not replace a rate limit.
    ///
    /// ```
    /// # use session::MemoryStore;
    /// let store = MemoryStore::builder().capacity(100_000).build();
    /// ```
    #[doc(alias("max_sessions", "eviction"))]
    #[must_use]
    pub fn capacity(mut self, sessions: usize) -> Self {
        self.capacity = Some(sessions.max(1));
        self
    }

    /// Takes new tokens from `source` in place of the operating system's random number generator, for tests.
    #[must_use]
    pub fn token_source(mut self, source: TokenSource) -> Self {
        self.tokens = source;
        self
    }

    /// Returns the store.
    pub fn build(self) -> MemoryStore {
        let shards = self.capacity.map_or(SHARDS, |capacity| {
            let wanted = (capacity / SESSIONS_PER_SHARD).clamp(1, MAX_SHARDS);
            1 << wanted.ilog2()
        });
        let capacity = self.capacity.unwrap_or(usize::MAX);
        MemoryStore::with_sessions(Sessions::new(shards, capacity, self.tokens))
    }
}
