//! Which sessions hold which value of an indexed field.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::Record;

use super::shard::Key;

/// How many locks the index is spread over.
const PARTS: usize = 64;

/// The keys of sessions by what their indexed fields hold.
///
/// Kept under the lock of the session's shard, which is always taken first, so that it names every session that holds
/// a value. It may name others, whose values fall together: who asks looks at the records.
pub(super) struct Index {
    hasher: RandomState,
    /// Trees and not hash tables, which would pause to grow.
    parts: Box<[Mutex<Part>]>,
}

/// Hashes of an indexed field's name and value, each with a session that holds it.
type Part = BTreeSet<(u64, Key)>;

impl Index {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), parts: (0..PARTS).map(|_| Mutex::default()).collect() }
    }

    pub(super) fn add(&self, key: Key, record: &Record) {
        for value in self.values(record) {
            self.part(value).insert((value, key));
        }
    }

    pub(super) fn remove(&self, key: Key, record: &Record) {
        for value in self.values(record) {
            self.part(value).remove(&(value, key));
        }
    }

    /// Forgets what `old` held and `new` does not.
    pub(super) fn remove_all_but(&self, key: Key, old: &Record, new: &Record) {
        for (name, value) in old.indexed() {
            if new.get(name) != Some(value) {
                let value = self.hasher.hash_one((name, value));
                self.part(value).remove(&(value, key));
            }
        }
    }

    /// The keys of sessions whose field `name` may hold `value`.
    pub(super) fn keys(&self, name: &str, value: &[u8]) -> Vec<Key> {
        let value = self.hasher.hash_one((name, value));
        self.part(value).range((value, Key::MIN)..=(value, Key::MAX)).map(|(_, key)| *key).collect()
    }

    fn values(&self, record: &Record) -> impl Iterator<Item = u64> {
        record.indexed().map(|field| self.hasher.hash_one(field))
    }

    #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
    fn part(&self, value: u64) -> MutexGuard<'_, Part> {
        self.parts[value as usize % PARTS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
