//! Common interface of the measured memory stores.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Time-to-live of a session.
#[derive(Clone, Copy)]
pub(super) enum Expiry {
    /// Until [`BenchStore::expire`] returns.
    Short,
    /// Beyond the measurement.
    Long,
}

/// A memory store of sessions with the same data.
pub(super) trait BenchStore: Send + Sync {
    type Key: Send + Sync;

    /// Inserts a session under a fresh key.
    fn insert(&self, expiry: Expiry) -> impl Future<Output = Result<Self::Key>> + Send;

    /// Loads a session and returns whether it exists.
    fn read(&self, key: &Self::Key) -> impl Future<Output = Result<bool>> + Send;

    /// Lets the sessions of [`Expiry::Short`] expire, by a manual clock or by waiting. No other calls are made meanwhile.
    fn expire(&self) -> impl Future<Output = ()> + Send;

    /// Frees expired sessions, if the store supports it.
    fn sweep(&self) -> impl Future<Output = Result<()>> + Send;
}

/// Expiry of [`Expiry::Short`] in stores that use the system clock: late enough to fill the store first.
pub(super) struct ShortExpiry {
    pub(super) at: Instant,
    pub(super) ttl: Duration,
}

impl ShortExpiry {
    pub(super) fn after_filling(size: u32) -> Self {
        let ttl = Duration::from_secs(3 + u64::from(size) / 40_000);
        Self { at: Instant::now() + ttl, ttl }
    }
}
