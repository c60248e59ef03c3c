//! Whether a connection is of use: closed, or silent although an answer is due.
//!
//! Callers may stop waiting before the store does: a timeout of their own, a request that was cancelled. So it is the
//! connection's own task that judges its silence, and callers only leave behind what they did not wait for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use redis::RedisError;
use redis::aio::MultiplexedConnection;
use tokio::pin;
use tokio::sync::Notify;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::failure::{Cause, Failure};

/// How long the answers of a server count that is about to be replaced: what was under way, and reaches the replica in
/// the tenth of a second that a sentinel takes at least.
const LEEWAY: Duration = Duration::from_millis(10);

/// The state of a connection that its callers, its reader and its watcher share.
#[derive(Default)]
pub(crate) struct Pulse {
    closed: AtomicBool,
    /// When the server was found to be replaced by another.
    superseded: OnceLock<Instant>,
    /// How often something was received.
    received: Arc<AtomicU64>,
    /// How long an answer may take while nothing is received.
    patience: Duration,
    /// Since when an answer is due that no caller waits for.
    abandoned: Mutex<Option<Instant>>,
    was_abandoned: Notify,
}

impl Pulse {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, ..Self::default() }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Gives the connection up: no further command is sent over it.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Gives the connection up because its server is replaced by another, which soon does not get any more what this one
    /// acknowledges.
    pub(crate) fn supersede(&self) {
        self.close();
        self.superseded.get_or_init(Instant::now);
    }

    /// Whether the server may have been replaced when it answered just now.
    fn is_outdated(&self) -> bool {
        self.superseded.get().is_some_and(|since| since.elapsed() > LEEWAY)
    }

    /// Counts what the reader receives.
    pub(crate) fn received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    fn count(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Notes that a command is about to be sent.
    pub(crate) fn expect_answer(&self) -> Due<'_> {
        Due { pulse: self, since: Instant::now(), count: self.count(), is_settled: false }
    }

    /// Waits for the answers that callers did not wait for, and closes the connection when it stays silent meanwhile.
    pub(crate) async fn watch(&self, mut connection: MultiplexedConnection) {
        loop {
            self.was_abandoned.notified().await;
            let abandoned = self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(since) = abandoned else { continue };
            // Answers come in order: what was due is answered before this, unless it was never sent.
            let ping = redis::cmd("PING");
            let answer = connection.send_packed_command(&ping);
            pin!(answer);
            let (mut count, mut deadline) = (self.count(), since + self.patience);
            // An error is a connection that broke, which closes it without this.
            while timeout_at(deadline, &mut answer).await.is_err() {
                if self.count() == count {
                    self.close();
                    return;
                }
                (count, deadline) = (self.count(), Instant::now() + self.patience);
            }
        }
    }
}

/// An answer that is due. Dropped before it came, it is left to [`Pulse::watch`].
pub(crate) struct Due<'a> {
    pulse: &'a Pulse,
    since: Instant,
    /// How often something had been received by then.
    count: u64,
    is_settled: bool,
}

impl Due<'_> {
    /// What came of waiting for the answer. A lost connection is given up at once, a late answer is left to the watcher.
    pub(crate) fn judge<T>(mut self, answer: Result<Result<T, RedisError>, Elapsed>) -> Result<T, Failure> {
        let answer = answer.map_err(|_| Failure::Late)?;
        self.is_settled = true;
        // With TLS nobody else counts.
        self.pulse.received.fetch_add(1, Ordering::Relaxed);
        if self.pulse.is_outdated() {
            return Err(Failure::Lost(Cause::new("the primary is being replaced")));
        }
        answer.map_err(|error| Failure::of(&error)).inspect_err(|failure| {
            if matches!(failure, Failure::Lost(_)) {
                self.pulse.close();
            }
        })
    }
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let now = Instant::now();
        let since = if self.pulse.count() == self.count { self.since } else { now };
        if now.duration_since(since) >= self.pulse.patience {
            self.pulse.close();
            return;
        }
        let mut abandoned = self.pulse.abandoned.lock().unwrap_or_else(PoisonError::into_inner);
        *abandoned = Some(abandoned.map_or(since, |earlier| earlier.min(since)));
        drop(abandoned);
        self.pulse.was_abandoned.notify_one();
    }
}
