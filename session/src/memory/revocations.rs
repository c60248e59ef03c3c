//! Revocations of cookie sessions, kept in memory.

use session_core::{BoxFuture, Floor, Revocations, StoreError, StoreKey, Timestamp};

use super::memory_store::MemoryStore;

/// The revocation list of a revocable `CookieStore`, independent of the store's own sessions.
impl Revocations for MemoryStore {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        self.revocations.floors(names, now)
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        self.revocations.raise(name, to, until, now)
    }
}
