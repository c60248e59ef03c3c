//! The sessions behind one lock.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use session_core::{Conflict, Patch, Record, Timestamp};

use super::entry::Entry;
use super::index::Index;
use super::key::Key;
use super::usage::Share;

/// The number of sessions that a write checks for expiry; it adds at most one.
const CHECKED_PER_WRITE: usize = 8;

/// The maximum number of sessions among which an eviction chooses.
const CANDIDATES: usize = 256;

/// The sessions that an eviction considers.
#[derive(Clone, Copy)]
pub(super) enum Evictable {
    /// Those that are expired at this time.
    Expired(Timestamp),
    /// Those without a principal.
    Anonymous,
    Any,
}

/// The sessions behind one lock, in a tree, since a hash table would pause to grow.
pub(super) struct Shard {
    entries: BTreeMap<Key, Entry>,
    /// The key at which the next write checks for expired sessions.
    hand: Key,
    /// Shared by all shards, and updated with every change of `entries`.
    index: Arc<Index>,
    share: Share,
}

impl Shard {
    pub(super) fn new(index: Arc<Index>, share: Share) -> Self {
        Self { entries: BTreeMap::new(), hand: 0, index, share }
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
        Some(LiveEntry { key, entry, index: &self.index, share: &mut self.share })
    }

    /// Inserts a record unless its key is taken, and returns whether it did. `old` is the key before a renewal, or `key`.
    pub(super) fn insert(&mut self, key: Key, record: &Record, old: Key) -> bool {
        let btree_map::Entry::Vacant(vacant) = self.entries.entry(key) else { return false };
        let has_principal = self.index.add(key, record, old);
        let entry = vacant.insert(Entry::new(record.clone(), self.index.next_sequence()));
        self.share.add(key, entry, has_principal);
        true
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Entry> {
        let removed = self.entries.remove(&key)?;
        self.index.remove(key, removed.record());
        self.share.remove(key, &removed);
        Some(removed)
    }

    /// Removes the one with the earliest deadline of up to [`CANDIDATES`] sessions other than `except`.
    pub(super) fn evict(&mut self, which: Evictable, except: Option<Key>) -> Option<Entry> {
        let key = match which {
            Evictable::Expired(now) => self.earliest(except).filter(|key| self.live(*key, now).is_none()),
            Evictable::Anonymous => {
                let anonymous = self.share.anonymous();
                let candidates = anonymous.range(self.hand..).chain(anonymous.range(..self.hand));
                let candidates = candidates.copied().filter(|key| Some(*key) != except).take(CANDIDATES);
                candidates.min_by_key(|key| self.get(*key).map(Entry::deadline))
            }
            Evictable::Any => self.earliest(except),
        };
        self.remove(key?)
    }

    fn earliest(&self, except: Option<Key>) -> Option<Key> {
        let entries = self.entries.range(self.hand..).chain(self.entries.range(..self.hand));
        let candidates = entries.filter(|(key, _)| Some(**key) != except).take(CANDIDATES);
        candidates.min_by_key(|(_, entry)| entry.deadline()).map(|(key, _)| *key)
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
    share: &'a mut Share,
}

impl LiveEntry<'_> {
    pub(super) fn deadline(&self) -> Timestamp {
        self.entry.deadline()
    }

    pub(super) fn size(&self) -> usize {
        self.entry.size()
    }

    pub(super) fn update(&mut self, patch: &Patch) -> Result<Entry, Conflict> {
        let old = self.entry.record();
        let new = old.apply(patch)?;
        if patch.reindexes(old)
            && let Some(has_principal) = self.index.update(self.key, old, &new)
        {
            self.share.set_principal(self.key, has_principal);
        }
        Ok(self.replace(new))
    }

    /// Moves the idle deadline, forward only.
    pub(super) fn touch(&mut self, idle_deadline: Timestamp) -> Option<Entry> {
        let old = self.entry.record();
        let is_later = old.meta().idle_deadline < idle_deadline;
        let new = is_later.then(|| old.with_idle_deadline(idle_deadline))?;
        Some(self.replace(new))
    }

    fn replace(&mut self, record: Record) -> Entry {
        let old = self.entry.replace(record);
        self.share.resize(&old, self.entry);
        old
    }
}
