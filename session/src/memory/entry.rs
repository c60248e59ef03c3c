//! A session in a shard.

use std::mem;

use session_core::{Record, Timestamp};

use super::filter::{HandleFilter, IndexedValue};

/// The bytes that a session takes up in addition to its record, at most as measured: about 150 without a principal, and
/// 190 with one, for the index.
pub(super) const OVERHEAD: usize = 192;

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
        let (deadline, sequence) = (record.meta().deadline(), self.sequence);
        mem::replace(self, Self { record, deadline, sequence })
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

    /// Returns the bytes that the session takes up.
    pub(super) fn size(&self) -> usize {
        OVERHEAD + self.record.as_bytes().len()
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline
    }

    /// Whether the session holds a value and its handle id matches.
    pub(super) fn matches(&self, (name, value): IndexedValue<'_>, handle: HandleFilter) -> bool {
        self.record.get(name) == Some(value) && handle.matches(self.record.meta().id)
    }
}
