//! The index from values of indexed fields to sessions.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::Record;
use session_core::value::is_principal;

use super::filter::IndexedValue;
use super::key::Key;

/// The number of locks that the index is spread over.
const PARTITIONS: usize = 64;

/// The keys of sessions by the values of their indexed fields.
///
/// Updated under the lock of the session's shard, which is always taken first, so that it has every session that holds a
/// value. It may have others, whose values have the same hash: callers compare the records.
pub(super) struct Index {
    hasher: RandomState,
    partitions: Box<[Mutex<Partition>]>,
    /// One for each partition, taken before any other lock by writes that count the sessions of a value.
    limit_locks: Box<[Mutex<()>]>,
    /// The number of sessions inserted so far.
    last_sequence: AtomicU64,
}

#[derive(Default)]
struct Partition {
    /// The arrival of each session at each value, by the hash of the field's name and value. A tree, since a hash table
    /// would pause to grow.
    arrivals: BTreeMap<(u64, Key), u64>,
    last_arrival: u64,
}

/// A session that may hold a value.
pub(super) struct Candidate {
    pub(super) key: Key,
    /// The number of the session in the order in which sessions began to hold values.
    pub(super) arrival: u64,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            partitions: (0..PARTITIONS).map(|_| Mutex::default()).collect(),
            limit_locks: (0..PARTITIONS).map(|_| Mutex::default()).collect(),
            last_sequence: AtomicU64::new(0),
        }
    }

    /// Returns a sequence number greater than that of any session inserted before.
    pub(super) fn next_sequence(&self) -> u64 {
        self.last_sequence.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Returns the sequence number of the latest session.
    pub(super) fn last_sequence(&self) -> u64 {
        self.last_sequence.load(Ordering::Acquire)
    }

    /// Adds a session under each value that it holds, and returns whether it has a principal. At a value that it already
    /// held, under `key` or before a renewal under `old`, it keeps its arrival.
    pub(super) fn add(&self, key: Key, record: &Record, old: Key) -> bool {
        let mut has_principal = false;
        for (name, value) in record.indexed() {
            has_principal |= is_principal(value);
            let hash = self.hasher.hash_one((name, value));
            let partition = &mut *self.partition(hash);
            let before = partition.arrivals.get(&(hash, old)).copied();
            partition.arrivals.entry((hash, key)).or_insert_with(|| {
                before.unwrap_or_else(|| {
                    partition.last_arrival += 1;
                    partition.last_arrival
                })
            });
        }
        has_principal
    }

    pub(super) fn remove(&self, key: Key, record: &Record) {
        for hash in self.hashes(record) {
            self.partition(hash).arrivals.remove(&(hash, key));
        }
    }

    /// Moves a session from the values of its old record to those of the new one, and returns whether it has a principal;
    /// `None` if the values are the same.
    pub(super) fn update(&self, key: Key, old: &Record, new: &Record) -> Option<bool> {
        if old.indexed().eq(new.indexed()) {
            return None;
        }
        let has_principal = self.add(key, new, key);
        for (name, value) in old.indexed().filter(|(name, value)| new.get(name) != Some(value)) {
            let hash = self.hasher.hash_one((name, value));
            self.partition(hash).arrivals.remove(&(hash, key));
        }
        Some(has_principal)
    }

    /// Returns the sessions that may hold a value.
    pub(super) fn candidates(&self, value: IndexedValue<'_>) -> Vec<Candidate> {
        let hash = self.hasher.hash_one(value);
        let partition = self.partition(hash);
        let arrivals = partition.arrivals.range((hash, Key::MIN)..=(hash, Key::MAX));
        arrivals.map(|((_, key), arrival)| Candidate { key: *key, arrival: *arrival }).collect()
    }

    /// Returns the latest arrival at a value, or a later one at another.
    pub(super) fn last_arrival(&self, value: IndexedValue<'_>) -> u64 {
        self.partition(self.hasher.hash_one(value)).last_arrival
    }

    /// Locks out all other writes that count the sessions of this value.
    pub(super) fn lock_limit(&self, value: IndexedValue<'_>) -> MutexGuard<'_, ()> {
        let lock = &self.limit_locks[partition_of(self.hasher.hash_one(value))];
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hashes(&self, record: &Record) -> impl Iterator<Item = u64> {
        record.indexed().map(|field| self.hasher.hash_one(field))
    }

    fn partition(&self, hash: u64) -> MutexGuard<'_, Partition> {
        self.partitions[partition_of(hash)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
fn partition_of(hash: u64) -> usize {
    hash as usize % PARTITIONS
}
