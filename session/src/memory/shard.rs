//! The sessions behind one lock.

use std::collections::BTreeMap;
use std::mem;

use session_core::{Record, Timestamp};

/// What a session is found by.
pub(super) type Key = u128;

/// Sessions that a write looks at to remove the expired ones; it adds one at most.
const GLANCE: usize = 8;

/// A tree and not a hash table, which would pause to grow.
#[derive(Default)]
pub(super) struct Shard {
    entries: BTreeMap<Key, Entry>,
    /// Where the next write looks for expired sessions.
    hand: Key,
}

/// A record, and its deadline at hand for those who look at many.
pub(super) struct Entry {
    record: Record,
    deadline: Timestamp,
}

impl Entry {
    pub(super) fn new(record: Record) -> Self {
        Self { deadline: record.meta().deadline(), record }
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    /// Puts another record in place and returns the old one.
    pub(super) fn replace(&mut self, record: Record) -> Record {
        mem::replace(self, Self::new(record)).record
    }

    fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline
    }
}

/// What was found between two places of a shard, and where the rest begins.
pub(super) struct Found<T> {
    pub(super) found: T,
    pub(super) rest: Option<Key>,
}

impl Shard {
    pub(super) fn live(&self, key: Key, now: Timestamp) -> Option<&Entry> {
        self.entries.get(&key).filter(|entry| entry.is_live(now))
    }

    pub(super) fn live_mut(&mut self, key: Key, now: Timestamp) -> Option<&mut Entry> {
        self.entries.get_mut(&key).filter(|entry| entry.is_live(now))
    }

    pub(super) fn holds(&self, key: Key) -> bool {
        self.entries.contains_key(&key)
    }

    pub(super) fn insert(&mut self, key: Key, entry: Entry) {
        self.entries.insert(key, entry);
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Entry> {
        self.entries.remove(&key)
    }

    /// Removes a few expired sessions, further on each time.
    pub(super) fn tidy(&mut self, now: Timestamp) -> Vec<Entry> {
        let Found { found, rest } = self.remove_expired(self.hand, now, GLANCE);
        self.hand = rest.unwrap_or_default();
        found
    }

    /// Removes the session nearest to its deadline.
    pub(super) fn evict(&mut self) -> Option<Entry> {
        let (key, _) = self.entries.iter().min_by_key(|(_, entry)| entry.deadline)?;
        let key = *key;
        self.entries.remove(&key)
    }

    /// Removes the expired ones of `steps` sessions.
    pub(super) fn remove_expired(&mut self, from: Key, now: Timestamp, steps: usize) -> Found<Vec<Entry>> {
        let mut expired = Vec::new();
        let rest = self.visit(from, steps, |key, entry| {
            if !entry.is_live(now) {
                expired.push(key);
            }
        });
        Found { found: expired.iter().filter_map(|key| self.entries.remove(key)).collect(), rest }
    }

    /// Counts the live ones of `steps` sessions.
    pub(super) fn count(&self, from: Key, now: Timestamp, steps: usize) -> Found<u64> {
        let mut found = 0;
        let rest = self.visit(from, steps, |_, entry| found += u64::from(entry.is_live(now)));
        Found { found, rest }
    }

    /// The live ones of `steps` sessions.
    pub(super) fn list(&self, from: Key, now: Timestamp, steps: usize) -> Found<Vec<Record>> {
        let mut found = Vec::new();
        let rest = self.visit(from, steps, |_, entry| {
            if entry.is_live(now) {
                found.push(entry.record.clone());
            }
        });
        Found { found, rest }
    }

    /// Takes all sessions out.
    pub(super) fn take(&mut self) -> BTreeMap<Key, Entry> {
        mem::take(&mut self.entries)
    }

    /// Looks at `steps` sessions and tells where the rest begins.
    fn visit(&self, from: Key, steps: usize, mut visitor: impl FnMut(Key, &Entry)) -> Option<Key> {
        let mut entries = self.entries.range(from..);
        for (key, entry) in entries.by_ref().take(steps) {
            visitor(*key, entry);
        }
        entries.next().map(|(key, _)| *key)
    }
}
