//! What a store in memory can do, whatever its interface.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How long a session lives.
#[derive(Clone, Copy)]
pub(super) enum Term {
    /// Until [`Shelf::expire`] returns.
    Short,
    /// Longer.
    Long,
}

/// A store of sessions that all hold the same bag.
pub(super) trait Shelf: Send + Sync {
    type Key: Send + Sync;

    /// Keeps a session under a fresh key.
    fn insert(&self, term: Term) -> impl Future<Output = Result<Self::Key>> + Send;

    /// Loads one, and says whether it was there.
    fn read(&self, key: &Self::Key) -> impl Future<Output = Result<bool>> + Send;

    /// Lets the short term pass, by a clock of its own or by waiting. Nobody asks meanwhile.
    fn expire(&self) -> impl Future<Output = ()> + Send;

    /// Frees what has expired, where the store has a way to.
    fn sweep(&self) -> impl Future<Output = Result<()>> + Send;
}

/// The short term of stores that only know the real time: long enough to fill them.
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) term: Duration,
}

impl Deadline {
    pub(super) fn to_fill(size: u32) -> Self {
        let term = Duration::from_secs(3 + u64::from(size) / 40_000);
        Self { at: Instant::now() + term, term }
    }
}
