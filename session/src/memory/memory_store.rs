//! The store that keeps sessions in memory.

use std::fmt;
use std::sync::Arc;

use session_core::MemoryRevocations;

use super::sessions::Sessions;

/// A store that keeps sessions in memory: nothing to set up, and lost on restart.
///
/// For applications that run as one process, for development and for tests. Clones share their sessions.
///
/// - **Expiry is exact.** A session ends at its deadline, whenever its memory is freed.
/// - **Expired sessions are removed without a background task**: each write that inserts a session or moves a deadline checks
///   a few others and removes the expired ones. Every session is checked before the store has grown by an eighth.
///   [`sweep`](session_core::Store::sweep) removes all of them at once.
/// - **Pauses do not grow with the number of sessions.** A lock is held for a bounded number of sessions, and removed
///   sessions are freed after it is released.
/// - **A capacity can be set**, and is never exceeded: see
///   [`MemoryStoreBuilder::capacity`](crate::MemoryStoreBuilder::capacity).
///
/// A session takes about 90 bytes in addition to its record.
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
