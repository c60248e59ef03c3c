//! All sessions of a store, in shards with one lock each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session_core::{Timestamp, TokenSource};

use super::index::Index;
use super::key::Key;
use super::shard::Shard;
use super::usage::{Share, Usage};

pub(super) struct Sessions {
    /// A power of two of them, each with a range of the keys, in order.
    shards: Box<[Mutex<Shard>]>,
    pub(super) index: Arc<Index>,
    /// The number of sessions, including reservations.
    len: AtomicUsize,
    capacity: usize,
    pub(super) capacity_bytes: usize,
    pub(super) usage: Arc<Usage>,
    pub(super) tokens: TokenSource,
}

impl Sessions {
    pub(super) fn new(shards: usize, capacity: usize, capacity_bytes: usize, tokens: TokenSource) -> Self {
        let (index, usage) = (Arc::new(Index::new()), Arc::new(Usage::new(shards)));
        let share = |shard| Share::new(Arc::clone(&usage), shard);
        let shards =
            (0..shards).map(|shard| Mutex::new(Shard::new(Arc::clone(&index), share(shard)))).collect();
        Self { shards, index, len: AtomicUsize::new(0), capacity, capacity_bytes, usage, tokens }
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Returns the number of a key's shard: the key's leading bits.
    pub(super) fn shard_of(&self, key: Key) -> usize {
        let [.., high, low] = (key >> 112).to_be_bytes();
        usize::from(u16::from_be_bytes([high, low])) >> (16 - self.shards.len().ilog2())
    }

    /// Returns the least key of a shard, `None` after the last shard.
    pub(super) fn first_key(&self, shard: usize) -> Option<Key> {
        let shift = Key::BITS - self.shards.len().ilog2();
        (shard < self.shards.len()).then(|| (shard as Key) << shift)
    }

    /// Locks a shard. It is consistent between any two statements that change it, so a panic under its lock leaves it
    /// usable.
    pub(super) fn lock(&self, shard: usize) -> MutexGuard<'_, Shard> {
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the shard of a key.
    pub(super) fn lock_for(&self, key: Key) -> MutexGuard<'_, Shard> {
        self.lock(self.shard_of(key))
    }

    /// Returns the numbers of all shards, beginning with this one.
    pub(super) fn shards_from(&self, shard: usize) -> impl Iterator<Item = usize> + use<> {
        (shard..self.shards.len()).chain(0..shard)
    }

    /// Reserves capacity for one session, evicting another when the store is full.
    pub(super) fn reserve(&self, shard: usize, now: Timestamp) -> Reservation<'_> {
        let one_more = |len| (len < self.capacity).then_some(len + 1);
        while self.len.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_err() {
            // The new session replaces the evicted one, so the length stays.
            if self.evict(shard, None, now).is_some() {
                break;
            }
            // All of the capacity is reserved by other threads that have not inserted yet.
            std::thread::yield_now();
        }
        Reservation(self)
    }

    /// Subtracts removed sessions from the length.
    pub(super) fn release(&self, count: usize) {
        self.len.fetch_sub(count, Ordering::AcqRel);
    }
}

/// Capacity for one session, released on drop; to be forgotten once the session is inserted.
pub(super) struct Reservation<'a>(&'a Sessions);

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.0.release(1);
    }
}
