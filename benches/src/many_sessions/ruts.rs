//! The memory store of `ruts`: a cache with one time-to-live for all entries, which evicts expired ones during other
//! operations.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use ruts::Id;
use ruts::store::moka::MokaStore;
use ruts::store::{SessionStore as _, Ttl};

use super::bench_store::{BenchStore, Expiry, ShortExpiry};
use crate::session_data::NEW_VISITOR;

/// Reads of missing keys, with pauses, in which the cache can evict expired entries.
const SWEEPS: usize = 2000;

pub(super) struct Cache {
    store: MokaStore,
    ttl: Duration,
    last_short: Mutex<Instant>,
}

impl Cache {
    pub(super) fn new(size: u32) -> Self {
        let ttl = ShortExpiry::after_filling(size).ttl;
        let capacity = 2 * u64::from(size);
        let store = MokaStore::builder().max_capacity(capacity).time_to_live(ttl).build();
        Self { store, ttl, last_short: Mutex::new(Instant::now()) }
    }
}

impl BenchStore for Cache {
    type Key = Id;

    async fn insert(&self, expiry: Expiry) -> Result<Id> {
        let (id, day) = (Id::default(), Ttl::new(86_400)?);
        self.store.set(&id, "visitor", &*NEW_VISITOR, day, None).await?;
        if let (Expiry::Short, Ok(mut last)) = (expiry, self.last_short.lock()) {
            *last = Instant::now();
        }
        Ok(id)
    }

    async fn read(&self, key: &Id) -> Result<bool> {
        Ok(self.store.get_all(key).await?.is_some())
    }

    async fn expire(&self) {
        let last = self.last_short.lock().map_or_else(|_| Instant::now(), |last| *last);
        tokio::time::sleep_until((last + self.ttl).into()).await;
    }

    async fn sweep(&self) -> Result<()> {
        for _ in 0..SWEEPS {
            self.read(&Id::default()).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}
