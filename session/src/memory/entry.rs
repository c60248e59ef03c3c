//! A session as its shard keeps it.

use std::mem;

use session_core::{Record, Timestamp};

use super::filter::{HandleFilter, IndexedValue};

/// A record with its deadline, which scans read without decoding the record.
pub(super) struct Entry {
    record: Record,
    deadline: Timestamp,
    sequence: u64,
}

impl Entry {
    pub(super) fn new(record: Record, sequence: u64) -> Self {
        Self { deadline: record.meta().deadline(), record, sequence }
    }

    /// Replaces the record and returns the old entry.
    pub(super) fn replace(&mut self, record: Record) -> Self {
        let sequence = self.sequence;
        mem::replace(self, Self::new(record, sequence))
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    pub(super) fn deadline(&self) -> Timestamp {
        self.deadline
    }

    /// Returns the number of the session in the order of their insertion, where a renewal is one.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline
    }

    /// Whether the session holds a value and its handle id matches.
    pub(super) fn matches(&self, (name, value): IndexedValue<'_>, handle: HandleFilter) -> bool {
        self.record.get(name) == Some(value) && handle.matches(self.record.meta().id)
    }
}
