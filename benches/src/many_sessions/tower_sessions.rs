//! The memory store of `tower-sessions`: one map of JSON values, with deadlines checked against the system clock.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, to_value};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::{MemoryStore, SessionStore as _};

use super::bench_store::{BenchStore, Expiry, ShortExpiry};
use crate::session_data::NEW_VISITOR;

pub(super) struct Json {
    store: MemoryStore,
    data: HashMap<String, Value>,
    short_expiry: ShortExpiry,
    expires: OffsetDateTime,
}

impl Json {
    pub(super) fn new(size: u32) -> Result<Self> {
        let data = HashMap::from([("visitor".to_owned(), to_value(&*NEW_VISITOR)?)]);
        let short_expiry = ShortExpiry::after_filling(size);
        let expires = OffsetDateTime::now_utc() + short_expiry.ttl;
        Ok(Self { store: MemoryStore::default(), data, short_expiry, expires })
    }
}

impl BenchStore for Json {
    type Key = Id;

    async fn insert(&self, expiry: Expiry) -> Result<Id> {
        let expiry_date = match expiry {
            Expiry::Short => self.expires,
            Expiry::Long => self.expires + Duration::from_hours(1),
        };
        let mut record = Record { id: Id::default(), data: self.data.clone(), expiry_date };
        self.store.create(&mut record).await?;
        Ok(record.id)
    }

    async fn read(&self, key: &Id) -> Result<bool> {
        Ok(self.store.load(key).await?.is_some())
    }

    async fn expire(&self) {
        tokio::time::sleep_until(self.short_expiry.at.into()).await;
    }

    async fn sweep(&self) -> Result<()> {
        Ok(())
    }
}
