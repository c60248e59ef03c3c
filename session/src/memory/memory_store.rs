//! The session store in memory.

use std::fmt;
use std::sync::Arc;

use session_core::MemoryRevocations;

use super::sessions::Sessions;

/// A session store in memory: no setup, and lost on restart.
///
/// For applications that run as one process, for development and for tests. Clones share their sessions.
///
/// - **Expiry is exact.** A session ends at its deadline, whenever its memory is freed.
/// - **Expired sessions are removed without a background task**: each write that inserts a session or moves a deadline checks
///   a few others and removes the expired ones. Every session is checked before the store has grown by an eighth.
///   [`sweep`](session_core::Store::sweep) removes all of them at once.
/// - **Pauses do not grow with the number of sessions.** A lock is held for a bounded number of sessions, and removed
///   sessions are freed after it is released.
/// - **It is bounded**: by 256 MiB, or
///   [`capacity_bytes`](crate::MemoryStoreBuilder::capacity_bytes), and by a
///   [number of sessions](crate::MemoryStoreBuilder::capacity) where one is set. A full store evicts the sessions of visitors
///   who did not sign in before those of users.
///
/// ```
/// use session::MemoryStore;
///
/// let store = MemoryStore::new();
/// assert!(store.is_empty());
/// ```
#[doc(alias("in-memory", "HashMap"))]
#[derive(Clone)]
pub struct MemoryStore {
    pub(super) sessions: Arc<Sessions>,
    pub(super) revocations: Arc<MemoryRevocations>,
}

impl MemoryStore {
    pub(super) fn with_sessions(sessions: Sessions) -> Self {
        Self { sessions: Arc::new(sessions), revocations: Arc::new(MemoryRevocations::new()) }
    }

    /// Returns the number of sessions, including expired ones that were not removed yet.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Returns the bytes that the sessions take up, including expired ones that were not removed yet: those of their
    /// records and 192 for each.
    pub fn bytes(&self) -> usize {
        self.sessions.usage.bytes()
    }

    /// Whether there are no sessions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("len", &self.len()).finish_non_exhaustive()
    }
}
