//! Constructors and settings of the memory store.

use session_core::TokenSource;

use super::memory_store::MemoryStore;
use super::sessions::Sessions;

/// The capacity of a store unless set, in bytes.
const CAPACITY_BYTES: usize = 256 << 20;
/// The maximum number of shards of a store without a capacity in sessions.
const SHARDS: usize = 64;
/// The number of bytes of capacity per shard of such a store.
const BYTES_PER_SHARD: usize = 64 << 10;
/// The approximate number of sessions in a shard of a store that is full of sessions; an eviction chooses among all of
/// them.
const SESSIONS_PER_SHARD: usize = 128;
/// The maximum number of shards; beyond it, shards grow with the capacity.
const MAX_SHARDS: usize = 1 << 14;

impl MemoryStore {
    /// Creates a store for 256 MiB of sessions.
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
#[derive(Clone, Debug)]
pub struct MemoryStoreBuilder {
    capacity: Option<usize>,
    capacity_bytes: usize,
    tokens: TokenSource,
}

impl Default for MemoryStoreBuilder {
    fn default() -> Self {
        Self { capacity: None, capacity_bytes: CAPACITY_BYTES, tokens: TokenSource::default() }
    }
}

impl MemoryStoreBuilder {
    /// Sets the maximum number of sessions, at least one. Unlimited by default, within the
    /// [bytes](MemoryStoreBuilder::capacity_bytes) that all may take up.
    ///
    /// When the store is full, a new session evicts another. Of the one or two hundred in the new session's shard it is one
    /// that has expired, if there is one. Otherwise it is one without a [principal](crate::guide::principal), wherever it
    /// is, so that visitors who have not signed in do not end the sessions of users. If there is none, it is any of the shard.
    /// Of those in question the one with the earliest deadline is evicted. Up to a capacity of 255 there is one shard, so
    /// that it has the earliest deadline of all. A client that can sign in often can still end the sessions of others: a
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

    /// Sets the maximum number of bytes of all sessions: those of their records and 192 for each, the overhead of the
    /// store. 256 MiB by default, which is a million small sessions; `usize::MAX` for no limit.
    ///
    /// A write that exceeds it evicts others, in the order that [`capacity`](MemoryStoreBuilder::capacity) describes; while
    /// writes are in progress, the store may be larger by their records.
    ///
    /// ```
    /// # use session::MemoryStore;
    /// let store = MemoryStore::builder().capacity_bytes(64 << 20).build();
    /// assert_eq!(store.bytes(), 0);
    /// ```
    #[doc(alias("max_memory", "eviction"))]
    #[must_use]
    pub fn capacity_bytes(mut self, bytes: usize) -> Self {
        self.capacity_bytes = bytes;
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
        let wanted = match self.capacity {
            Some(sessions) => (sessions / SESSIONS_PER_SHARD).clamp(1, MAX_SHARDS),
            None => (self.capacity_bytes / BYTES_PER_SHARD).clamp(1, SHARDS),
        };
        let capacity = self.capacity.unwrap_or(usize::MAX);
        MemoryStore::with_sessions(Sessions::new(
            1 << wanted.ilog2(),
            capacity,
            self.capacity_bytes,
            self.tokens,
        ))
    }
}
