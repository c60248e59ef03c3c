//! Which sessions hold which value of an indexed field.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::Record;

use super::holders::Held;
use super::shard::Key;

/// How many locks the index is spread over.
const PARTS: usize = 64;

/// The keys of sessions by what their indexed fields hold.
///
/// Kept under the lock of the session's shard, which is always taken first, so that it names every session that holds
/// a value. It may name others, whose values fall together: who asks looks at the records.
pub(super) struct Index {
    hasher: RandomState,
    parts: Box<[Mutex<Part>]>,
    /// One for each part, taken before any other lock by writes that count the sessions of a value.
    gates: Box<[Mutex<()>]>,
    /// How many sessions were numbered so far.
    numbered: AtomicU64,
}

#[derive(Default)]
struct Part {
    /// Hashes of an indexed field's name and value, each with a session that holds it, and the place of its arrival.
    /// A tree and not a hash table, which would pause to grow.
    arrivals: BTreeMap<(u64, Key), u64>,
    /// How many arrived so far.
    arrived: u64,
}

/// A session that may hold a value.
pub(super) struct Holder {
    pub(super) key: Key,
    /// Who came to hold the value before has a lower number.
    pub(super) arrival: u64,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            gates: (0..PARTS).map(|_| Mutex::default()).collect(),
            numbered: AtomicU64::new(0),
        }
    }

    /// A number greater than those of all sessions that were kept before.
    pub(super) fn next_number(&self) -> u64 {
        self.numbered.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// The number of the latest session.
    pub(super) fn last_number(&self) -> u64 {
        self.numbered.load(Ordering::Acquire)
    }

    /// Names a session for each value that it holds. What it held before it keeps since then, also where it was found by
    /// the key `old`.
    pub(super) fn add(&self, key: Key, record: &Record, old: Key) {
        for value in self.values(record) {
            let part = &mut *self.part(value);
            let before = part.arrivals.get(&(value, old)).copied();
            part.arrivals.entry((value, key)).or_insert_with(|| {
                before.unwrap_or_else(|| {
                    part.arrived += 1;
                    part.arrived
                })
            });
        }
    }

    pub(super) fn remove(&self, key: Key, record: &Record) {
        for value in self.values(record) {
            self.part(value).arrivals.remove(&(value, key));
        }
    }

    /// Follows a session from what it held to what it holds.
    pub(super) fn follow(&self, key: Key, old: &Record, new: &Record) {
        if old.indexed().eq(new.indexed()) {
            return;
        }
        self.add(key, new, key);
        for (name, value) in old.indexed().filter(|(name, value)| new.get(name) != Some(value)) {
            let value = self.hasher.hash_one((name, value));
            self.part(value).arrivals.remove(&(value, key));
        }
    }

    /// The sessions that may hold a value.
    pub(super) fn holders(&self, held: Held<'_>) -> Vec<Holder> {
        let value = self.hasher.hash_one(held);
        let part = self.part(value);
        let held = part.arrivals.range((value, Key::MIN)..=(value, Key::MAX));
        held.map(|((_, key), arrival)| Holder { key: *key, arrival: *arrival }).collect()
    }

    /// The place of the latest arrival among those of a value.
    pub(super) fn last_arrival(&self, held: Held<'_>) -> u64 {
        self.part(self.hasher.hash_one(held)).arrived
    }

    /// Keeps out all others that count the sessions of this value.
    pub(super) fn gate(&self, held: Held<'_>) -> MutexGuard<'_, ()> {
        let gate = &self.gates[place(self.hasher.hash_one(held))];
        gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn values(&self, record: &Record) -> impl Iterator<Item = u64> {
        record.indexed().map(|field| self.hasher.hash_one(field))
    }

    fn part(&self, value: u64) -> MutexGuard<'_, Part> {
        self.parts[place(value)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
fn place(value: u64) -> usize {
    value as usize % PARTS
}
