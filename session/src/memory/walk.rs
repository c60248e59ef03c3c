//! Iteration over all sessions.

use session_core::Timestamp;

use super::entry::Entry;
use super::key::Key;
use super::sessions::Sessions;
use super::shard::Shard;
use super::yield_now::yield_now;

/// The maximum number of sessions that are visited under one lock.
pub(super) const BATCH: usize = 256;

/// An iteration over all sessions in the order of their keys, in batches of one shard each.
///
/// Each batch is visited under the shard's lock, after other tasks had a chance to run. Nothing is awaited after that,
/// so that a future that is dropped has either returned its batch or not visited it.
pub(super) struct Walk<'a> {
    sessions: &'a Sessions,
    next: Option<Key>,
}

impl Sessions {
    /// Starts at a key; with `None` at the end.
    pub(super) fn walk(&self, from: Option<Key>) -> Walk<'_> {
        Walk { sessions: self, next: from }
    }

    /// Removes all sessions that are expired at `now`, and returns their number.
    pub(super) async fn remove_expired(&self, now: Timestamp) -> u64 {
        let (mut walk, mut removed) = (self.walk(Some(Key::MIN)), 0);
        while let Some(expired) = walk.remove_expired(now).await {
            removed += expired.len() as u64;
        }
        removed
    }
}

impl Walk<'_> {
    /// Returns the key at which the next batch begins, `None` at the end.
    pub(super) fn next_key(&self) -> Option<Key> {
        self.next
    }

    /// Visits up to `max` sessions; returns `false` at the end.
    pub(super) async fn visit(&mut self, max: usize, visitor: impl FnMut(Key, &Entry)) -> bool {
        self.batch(|shard, from| ((), shard.visit(from, max, visitor))).await.is_some()
    }

    /// Removes the expired ones of a batch and returns them; returns `None` at the end.
    pub(super) async fn remove_expired(&mut self, now: Timestamp) -> Option<Vec<Entry>> {
        let removed = self.batch(|shard, from| shard.remove_expired(from, BATCH, now)).await?;
        self.sessions.release(removed.len());
        Some(removed)
    }

    async fn batch<T>(&mut self, batch: impl FnOnce(&mut Shard, Key) -> (T, Option<Key>)) -> Option<T> {
        let from = self.next?;
        yield_now().await;
        let shard = self.sessions.shard_of(from);
        let (found, next) = batch(&mut self.sessions.lock(shard), from);
        self.next = next.or_else(|| self.sessions.first_key(shard + 1));
        Some(found)
    }
}
