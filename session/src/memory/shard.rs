//! The sessions behind one lock.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use session_core::{Conflict, Patch, Record, Timestamp};

use super::entry::Entry;
use super::index::Index;
use super::key::Key;

/// The number of sessions that a write checks for expiry; it adds at most one.
const CHECKED_PER_WRITE: usize = 8;

/// The sessions behind one lock, in a tree, since a hash table would pause to grow.
pub(super) struct Shard {
    entries: BTreeMap<Key, Entry>,
    /// Where the next write checks for expired sessions.
    hand: Key,
    /// Shared by all shards, and updated with every change of `entries`.
    index: Arc<Index>,
}

impl Shard {
    pub(super) fn new(index: Arc<Index>) -> Self {
        Self { entries: BTreeMap::new(), hand: 0, index }
    }

    /// Returns the session under a key, live or not.
    pub(super) fn get(&self, key: Key) -> Option<&Entry> {
        self.entries.get(&key)
    }

    pub(super) fn live(&self, key: Key, now: Timestamp) -> Option<&Entry> {
        self.get(key).filter(|entry| entry.is_live(now))
    }

    pub(super) fn live_mut(&mut self, key: Key, now: Timestamp) -> Option<LiveEntry<'_>> {
        let entry = self.entries.get_mut(&key).filter(|entry| entry.is_live(now))?;
        Some(LiveEntry { key, entry, index: &self.index })
    }

    /// Inserts a record unless its key is taken, and returns whether it did. `old` is the key before a renewal, or `key`.
    pub(super) fn insert(&mut self, key: Key, record: &Record, old: Key) -> bool {
        let btree_map::Entry::Vacant(vacant) = self.entries.entry(key) else { return false };
        self.index.add(key, record, old);
        vacant.insert(Entry::new(record.clone(), self.index.next_sequence()));
        true
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Entry> {
        let removed = self.entries.remove(&key)?;
        self.index.remove(key, removed.record());
        Some(removed)
    }

    /// Removes the session with the earliest deadline.
    pub(super) fn evict(&mut self) -> Option<Entry> {
        let (key, _) = self.entries.iter().min_by_key(|(_, entry)| entry.deadline())?;
        let key = *key;
        self.remove(key)
    }

    /// Removes a few expired sessions; each call continues where the last one stopped.
    pub(super) fn remove_few_expired(&mut self, now: Timestamp) -> Vec<Entry> {
        let (removed, next) = self.remove_expired(self.hand, CHECKED_PER_WRITE, now);
        self.hand = next.unwrap_or_default();
        removed
    }

    /// Removes the expired ones of up to `max` sessions, and returns them with the key of the next session.
    pub(super) fn remove_expired(
        &mut self,
        from: Key,
        max: usize,
        now: Timestamp,
    ) -> (Vec<Entry>, Option<Key>) {
        let mut expired = Vec::new();
        let next = self.visit(from, max, |key, entry| {
            if !entry.is_live(now) {
                expired.push(key);
            }
        });
        (expired.into_iter().filter_map(|key| self.remove(key)).collect(), next)
    }

    /// Visits up to `max` sessions in the order of their keys, and returns the key of the next one.
    pub(super) fn visit(&self, from: Key, max: usize, mut visitor: impl FnMut(Key, &Entry)) -> Option<Key> {
        let mut entries = self.entries.range(from..);
        for (key, entry) in entries.by_ref().take(max) {
            visitor(*key, entry);
        }
        entries.next().map(|(key, _)| *key)
    }
}

/// A live session that can be written. Its methods return the replaced entry, to be freed after the lock.
pub(super) struct LiveEntry<'a> {
    key: Key,
    entry: &'a mut Entry,
    index: &'a Index,
}

impl LiveEntry<'_> {
    pub(super) fn deadline(&self) -> Timestamp {
        self.entry.deadline()
    }

    pub(super) fn update(&mut self, patch: &Patch) -> Result<Entry, Conflict> {
        let old = self.entry.record();
        let new = old.apply(patch)?;
        if patch.reindexes(old) {
            self.index.update(self.key, old, &new);
        }
        Ok(self.entry.replace(new))
    }

    /// Moves the idle deadline, forward only.
    pub(super) fn touch(&mut self, idle_deadline: Timestamp) -> Option<Entry> {
        let old = self.entry.record();
        let is_later = old.meta().idle_deadline < idle_deadline;
        let new = is_later.then(|| old.with_idle_deadline(idle_deadline))?;
        Some(self.entry.replace(new))
    }
}
