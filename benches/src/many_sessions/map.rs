//! Baseline: a sharded map of records as bytes, without deadlines.

use std::time::Duration;

use anyhow::Result;
use session::Timestamp;

use super::bench_store::{BenchStore, Expiry};
use super::session::record;
use crate::variants::bare::Map;
use crate::variants::session::fields;

pub(super) struct Bytes {
    map: Map,
    record: Vec<u8>,
}

impl Bytes {
    pub(super) fn new() -> Result<Self> {
        let record = record(&fields()?, Timestamp::from_millis(0), Duration::ZERO)?;
        Ok(Self { map: Map::new(), record: record.as_bytes().to_vec() })
    }
}

impl BenchStore for Bytes {
    type Key = u128;

    async fn insert(&self, _: Expiry) -> Result<u128> {
        self.map.insert(self.record.clone().into())
    }

    async fn read(&self, key: &u128) -> Result<bool> {
        Ok(self.map.get(*key).is_some())
    }

    async fn expire(&self) {}

    async fn sweep(&self) -> Result<()> {
        Ok(())
    }
}
