//! Values parsed from the fuzzer's bytes. Past the end all bytes are zero.

use std::time::Duration;

use session_core::{HandleId, Meta, Record, Timestamp};

/// A small set of names, so that records and patches often name the same fields.
const NAMES: [&str; 6] = ["", "a", "ab", "b", "\u{e9}", "b\0"];

pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes not consumed.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub(crate) fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let given = self.take(N);
        array[..given.len()].copy_from_slice(given);
        array
    }

    /// Returns bytes prefixed by their length in one byte.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.take(length.into())
    }

    pub(crate) fn name(&mut self) -> String {
        match usize::from(self.byte()) {
            known @ 0..200 => NAMES[known % NAMES.len()].to_owned(),
            _ => String::from_utf8_lossy(self.bytes()).into_owned(),
        }
    }

    /// Returns arbitrary bytes, or a counter.
    pub(crate) fn value(&mut self) -> Vec<u8> {
        match self.byte() {
            0..200 => self.bytes().to_vec(),
            _ => [&[3], self.signed().to_string().as_bytes()].concat(),
        }
    }

    pub(crate) fn signed(&mut self) -> i64 {
        i64::from_le_bytes(self.array())
    }

    /// Returns a timestamp, often one of the extremes.
    pub(crate) fn timestamp(&mut self) -> Timestamp {
        Timestamp::from_millis(match self.byte() {
            0..50 => 0,
            50..100 => u64::MAX,
            _ => self.number(),
        })
    }

    pub(crate) fn duration(&mut self) -> Duration {
        match self.byte() {
            0..50 => Duration::ZERO,
            50..100 => Duration::MAX,
            // Of 63 bits, since as many milliseconds as 64 hold are read back as `Duration::MAX`.
            _ => Duration::from_millis(self.number() >> 1),
        }
    }

    pub(crate) fn meta(&mut self) -> Meta {
        Meta {
            id: HandleId::from(self.array::<16>()),
            created_at: self.timestamp(),
            authenticated_at: self.flag().then(|| self.timestamp()),
            idle_deadline: self.timestamp(),
            idle_timeout: self.duration(),
            lifetime_deadline: self.timestamp(),
            remember: self.flag(),
        }
    }

    pub(crate) fn record(&mut self) -> Record {
        let meta = self.meta();
        let fields: Vec<_> = (0..self.byte() % 8).map(|_| (self.name(), self.value())).collect();
        Record::new(&meta, fields.iter().map(|(name, value)| (name.as_str(), value.as_slice())))
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
