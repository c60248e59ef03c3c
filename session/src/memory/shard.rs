//! The sessions behind one lock.

use std::collections::{BTreeMap, btree_map};
use std::mem;
use std::sync::Arc;

use session_core::{Conflict, HandleId, Patch, Record, Timestamp};

use super::holders::{Held, Which};
use super::index::Index;

/// What a session is found by.
pub(super) type Key = u128;

/// Sessions that a write looks at to remove the expired ones; it adds one at most.
const GLANCE: usize = 8;

/// A tree and not a hash table, which would pause to grow.
pub(super) struct Shard {
    entries: BTreeMap<Key, Entry>,
    /// Where the next write looks for expired sessions.
    hand: Key,
    /// Shared by all shards; follows every change of `entries`.
    index: Arc<Index>,
}

/// A record, and its deadline at hand for those who look at many.
pub(super) struct Entry {
    record: Record,
    deadline: Timestamp,
    /// Those kept before have lower ones.
    number: u64,
}

impl Entry {
    fn new(record: Record, number: u64) -> Self {
        Self { deadline: record.meta().deadline(), record, number }
    }

    /// Puts another record in place, and returns what was there.
    fn replace(&mut self, record: Record) -> Self {
        let number = self.number;
        mem::replace(self, Self::new(record, number))
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    /// Whether it is one of `which` and holds a value, if that is asked.
    pub(super) fn holds(&self, held: Option<Held<'_>>, which: Which) -> bool {
        held.is_none_or(|(name, value)| self.record.get(name) == Some(value))
            && which.includes(self.record.meta().id)
    }

    pub(super) fn deadline(&self) -> Timestamp {
        self.deadline
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline
    }
}

/// Where a live session is kept. What changes it returns what was there, to be freed after the lock.
pub(super) struct Place<'a> {
    key: Key,
    entry: &'a mut Entry,
    index: &'a Index,
}

impl Place<'_> {
    pub(super) fn deadline(&self) -> Timestamp {
        self.entry.deadline
    }

    pub(super) fn update(&mut self, patch: &Patch) -> Result<Entry, Conflict> {
        let old = self.entry.record();
        let new = old.apply(patch)?;
        if patch.reindexes(old) {
            self.index.follow(self.key, old, &new);
        }
        Ok(self.entry.replace(new))
    }

    /// Moves the idle deadline forward only.
    pub(super) fn touch(&mut self, idle_deadline: Timestamp) -> Option<Entry> {
        let old = self.entry.record();
        let later = old.meta().idle_deadline < idle_deadline;
        let new = later.then(|| old.with_idle_deadline(idle_deadline))?;
        Some(self.entry.replace(new))
    }
}

/// What was found between two places of a shard, and where the rest begins.
pub(super) struct Found<T> {
    pub(super) found: T,
    pub(super) rest: Option<Key>,
}

impl Shard {
    pub(super) fn new(index: Arc<Index>) -> Self {
        Self { entries: BTreeMap::new(), hand: 0, index }
    }

    pub(super) fn live(&self, key: Key, now: Timestamp) -> Option<&Entry> {
        self.entries.get(&key).filter(|entry| entry.is_live(now))
    }

    /// What is under a key, live or not.
    pub(super) fn get(&self, key: Key) -> Option<&Entry> {
        self.entries.get(&key)
    }

    /// The place of a live session, for writing to it.
    pub(super) fn live_mut(&mut self, key: Key, now: Timestamp) -> Option<Place<'_>> {
        let entry = self.entries.get_mut(&key).filter(|entry| entry.is_live(now))?;
        Some(Place { key, entry, index: &self.index })
    }

    /// Keeps a record under a key that is free; it was found by the key `old` before, if it was. Tells whether it is free.
    pub(super) fn insert(&mut self, key: Key, record: &Record, old: Key) -> bool {
        let btree_map::Entry::Vacant(place) = self.entries.entry(key) else { return false };
        self.index.add(key, record, old);
        place.insert(Entry::new(record.clone(), self.index.next_number()));
        true
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Entry> {
        let removed = self.entries.remove(&key)?;
        self.index.remove(key, removed.record());
        Some(removed)
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
        self.remove(key)
    }

    /// Removes `steps` sessions.
    pub(super) fn remove_all(&mut self, from: Key, steps: usize) -> Found<Vec<Entry>> {
        self.remove_expired(from, Timestamp::NEVER, steps)
    }

    /// Removes the expired ones of `steps` sessions.
    pub(super) fn remove_expired(&mut self, from: Key, now: Timestamp, steps: usize) -> Found<Vec<Entry>> {
        let mut expired = Vec::new();
        let rest = self.visit(from, steps, |key, entry| {
            if !entry.is_live(now) {
                expired.push(key);
            }
        });
        Found { found: expired.into_iter().filter_map(|key| self.remove(key)).collect(), rest }
    }

    /// Counts the live ones of `steps` sessions.
    pub(super) fn count(&self, from: Key, now: Timestamp, steps: usize) -> Found<u64> {
        let mut found = 0;
        let rest = self.visit(from, steps, |_, entry| found += u64::from(entry.is_live(now)));
        Found { found, rest }
    }

    /// The live ones of `steps` sessions, but those numbered after `last`.
    pub(super) fn list(&self, from: Key, last: u64, now: Timestamp, steps: usize) -> Found<Vec<Record>> {
        let mut found = Vec::new();
        let rest = self.visit(from, steps, |_, entry| {
            if entry.is_live(now) && entry.number <= last {
                found.push(entry.record.clone());
            }
        });
        Found { found, rest }
    }

    /// Where the live session of a handle id is among `steps` sessions.
    pub(super) fn find(&self, from: Key, id: HandleId, now: Timestamp, steps: usize) -> Found<Option<Key>> {
        let mut found = None;
        let rest = self.visit(from, steps, |key, entry| {
            if entry.is_live(now) && entry.record.meta().id == id {
                found = Some(key);
            }
        });
        Found { found, rest }
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
