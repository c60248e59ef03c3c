//! Memory use of the sessions of a store, and which of them have no principal.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::entry::Entry;
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

    pub(super) fn add(&mut self, key: Key, entry: &Entry, has_principal: bool) {
        self.usage.bytes.fetch_add(entry.size(), Ordering::AcqRel);
        if !has_principal {
            self.set_principal(key, false);
        }
    }

    pub(super) fn remove(&mut self, key: Key, entry: &Entry) {
        self.usage.bytes.fetch_sub(entry.size(), Ordering::AcqRel);
        self.set_principal(key, true);
    }

    /// Accounts for a session that was replaced by one of another size.
    pub(super) fn resize(&self, old: &Entry, new: &Entry) {
        if old.size() != new.size() {
            self.usage.bytes.fetch_add(new.size(), Ordering::AcqRel);
            self.usage.bytes.fetch_sub(old.size(), Ordering::AcqRel);
        }
    }

    /// Records whether a session has a principal.
    pub(super) fn set_principal(&mut self, key: Key, has_principal: bool) {
        let was_empty = self.anonymous.is_empty();
        if has_principal {
            self.anonymous.remove(&key);
        } else {
            self.anonymous.insert(key);
        }
        if self.anonymous.is_empty() != was_empty {
            self.usage.anonymous[self.shard].store(was_empty, Ordering::Release);
        }
    }
}
