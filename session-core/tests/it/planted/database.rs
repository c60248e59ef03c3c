//! A database in memory: two tables that several stores share.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::{Record, Timestamp};

/// The number of the store and the hash of the token.
pub(crate) type Key = (u64, Vec<u8>);

/// A database whose statements are closures, each of them atomic.
#[derive(Default)]
pub(crate) struct Database(Mutex<Tables>);

#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) sessions: BTreeMap<Key, Row>,
    pub(crate) entries: Vec<Entry>,
    arrivals: u64,
}

/// A session.
pub(crate) struct Row {
    /// The record, or bytes that are not one.
    pub(crate) record: Vec<u8>,
    /// A column that only a mistake fills.
    pub(crate) note: Vec<u8>,
    pub(crate) arrival: u64,
}

/// An indexed value of a session.
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) name: String,
    pub(crate) value: Vec<u8>,
    pub(crate) deadline: Timestamp,
    pub(crate) arrival: u64,
}

impl Database {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// Returns a number greater than all before.
    pub(crate) fn next_arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    pub(crate) fn insert(&mut self, key: Key, record: &Record, note: Vec<u8>) {
        let arrival = self.next_arrival();
        self.sessions.insert(key, Row { record: record.as_bytes().to_vec(), note, arrival });
    }

    /// Removes a session and its entries in the index, and returns its row.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Row> {
        self.entries.retain(|entry| entry.key != *key);
        self.sessions.remove(key)
    }

    pub(crate) fn keys(&self, store: u64) -> Vec<Key> {
        self.sessions.keys().filter(|(owner, _)| *owner == store).cloned().collect()
    }
}
