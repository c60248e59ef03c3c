//! What the memory store remembers of sessions that clients hold themselves.

use session_core::{BoxFuture, Floor, Revocations, StoreError, StoreKey, Timestamp};

use super::MemoryStore;

/// The list that a revocable `CookieStore` asks; it shares nothing with the store's own sessions but the memory.
impl Revocations for MemoryStore {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        self.0.revocations.floors(names, now)
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        self.0.revocations.raise(name, to, until, now)
    }
}
