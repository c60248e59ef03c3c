//! Memory use of the sessions of a store, and which of them have no principal.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::entry::{Entry, is_anonymous};
use super::key::Key;

/// Memory use of all sessions of a store.
pub(super) struct Usage {
    bytes: AtomicUsize,
    /// For each shard, whether it has sessions without a principal.
    anonymous: Box<[AtomicBool]>,
}

impl Usage {
    pub(super) fn new(shards: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), anonymous: (0..shards).map(|_| AtomicBool::new(false)).collect() }
    }

    /// Returns the bytes of all sessions, overhead included.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    /// Whether a shard has sessions without a principal.
    pub(super) fn has_anonymous(&self, shard: usize) -> bool {
        self.anonymous[shard].load(Ordering::Acquire)
    }
}

/// The share of one shard, updated with every change of its sessions.
pub(super) struct Share {
    usage: Arc<Usage>,
    shard: usize,
    anonymous: BTreeSet<Key>,
}

impl Share {
    pub(super) fn new(usage: Arc<Usage>, shard: usize) -> Self {
        Self { usage, shard, anonymous: BTreeSet::new() }
    }

    /// Returns the keys of the sessions without a principal.
    pub(super) fn anonymous(&self) -> &BTreeSet<Key> {
        &self.anonymous
    }

    pub(super) fn add(&mut self, key: Key, entry: &Entry) {
        self.usage.bytes.fetch_add(entry.size(), Ordering::AcqRel);
        self.mark(key, is_anonymous(entry.record()));
    }

    pub(super) fn remove(&mut self, key: Key, entry: &Entry) {
        self.usage.bytes.fetch_sub(entry.size(), Ordering::AcqRel);
        self.mark(key, false);
    }

    /// Updates the usage after a session was replaced, with another principal if it `may_differ`.
    pub(super) fn replace(&mut self, key: Key, old: &Entry, new: &Entry, may_differ: bool) {
        if old.size() != new.size() {
            self.usage.bytes.fetch_add(new.size(), Ordering::AcqRel);
            self.usage.bytes.fetch_sub(old.size(), Ordering::AcqRel);
        }
        if may_differ {
            self.mark(key, is_anonymous(new.record()));
        }
    }

    fn mark(&mut self, key: Key, is_anonymous: bool) {
        let was_empty = self.anonymous.is_empty();
        if is_anonymous {
            self.anonymous.insert(key);
        } else {
            self.anonymous.remove(&key);
        }
        if self.anonymous.is_empty() != was_empty {
            self.usage.anonymous[self.shard].store(was_empty, Ordering::Release);
        }
    }
}
