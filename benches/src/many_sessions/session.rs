//! The memory store of `session`, with a manual clock.

use std::time::Duration;

use anyhow::Result;
use session::{HandleId, ManualClock, MemoryStore, Meta, Record, Store as _, Timestamp, Token};

use super::bench_store::{BenchStore, Expiry};
use crate::variants::session::fields;

const HOUR: Duration = Duration::from_hours(1);
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(super) struct Memory {
    store: MemoryStore,
    clock: ManualClock,
    fields: Vec<(&'static str, Vec<u8>)>,
}

impl Memory {
    pub(super) fn new() -> Result<Self> {
        let clock = ManualClock::starting_at(START);
        Ok(Self {
            store: MemoryStore::builder().capacity_bytes(usize::MAX).build(),
            clock,
            fields: fields()?,
        })
    }
}

/// Returns a record with idle timeout `life` and a lifetime of 24 times that.
pub(crate) fn record(fields: &[(&str, Vec<u8>)], now: Timestamp, life: Duration) -> Result<Record> {
    let meta = Meta {
        id: HandleId::random()?,
        created_at: now,
        authenticated_at: None,
        idle_deadline: now.after(life),
        idle_timeout: life,
        lifetime_deadline: now.after(life * 24),
        remember: false,
    };
    Ok(Record::new(&meta, fields.iter().map(|(name, value)| (*name, value.as_slice()))))
}

impl BenchStore for Memory {
    type Key = Token;

    async fn insert(&self, expiry: Expiry) -> Result<Token> {
        let life = match expiry {
            Expiry::Short => HOUR,
            Expiry::Long => 10 * HOUR,
        };
        let now = self.clock.now();
        Ok(self.store.create(&record(&self.fields, now, life)?, now).await?)
    }

    async fn read(&self, key: &Token) -> Result<bool> {
        Ok(self.store.load(key, self.clock.now()).await?.is_some())
    }

    async fn expire(&self) {
        self.clock.advance(2 * HOUR);
    }

    async fn sweep(&self) -> Result<()> {
        self.store.sweep(self.clock.now()).await?;
        Ok(())
    }
}
