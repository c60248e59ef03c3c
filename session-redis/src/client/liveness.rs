//! Whether a connection is usable: open, and not silent while a reply is due.
//!
//! Callers may stop waiting before the response timeout, because of a timeout of their own or a cancelled request. So
//! silence is detected on the task of the connection; a caller that stops waiting hands over its pending reply.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult};
use tokio::pin;
use tokio::sync::Notify;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::client::failure::{Cause, Failure};
use crate::client::stream::StreamCounters;

/// How long replies of a primary are accepted after the announcement of its failover. What was in flight reaches the
/// replica in time: a sentinel takes at least a tenth of a second to promote it.
const SUPERSEDED_GRACE: Duration = Duration::from_millis(10);

/// State of a connection, shared by its callers, its reader and its watcher.
#[derive(Default)]
pub(crate) struct Liveness {
    closed: AtomicBool,
    /// The task that drives the connection has ended, or is about to.
    broken: AtomicBool,
    broke: Notify,
    /// When the failover of this server was announced.
    superseded: OnceLock<Instant>,
    counters: Arc<StreamCounters>,
    /// How long a reply may be due while nothing is received.
    timeout: Duration,
    /// Since when a reply is due whose caller stopped waiting.
    abandoned: Mutex<Option<Instant>>,
    was_abandoned: Notify,
}

impl Liveness {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, ..Self::default() }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Closes the connection for further commands.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Closes a connection that broke, and fails the calls that still wait for a reply.
    ///
    /// The `redis` crate fails those that its task knows. A command that is queued at the moment in which the task ends
    /// stays in the queue, and its call would wait until the response timeout.
    pub(crate) fn mark_broken(&self) {
        self.close();
        self.broken.store(true, Ordering::Release);
        self.broke.notify_waiters();
    }

    /// Waits until the connection breaks.
    async fn until_broken(&self) {
        // Created first, so that it is notified of what happens after the check.
        let broke = self.broke.notified();
        if !self.broken.load(Ordering::Acquire) {
            broke.await;
        }
    }

    /// Closes the connection because another server becomes the primary. What this one acknowledges from now on, the new
    /// primary may never receive.
    pub(crate) fn supersede(&self) {
        self.close();
        self.superseded.get_or_init(Instant::now);
    }

    /// Whether a reply received now may come from a primary that was replaced already.
    fn is_superseded(&self) -> bool {
        self.superseded.get().is_some_and(|since| since.elapsed() > SUPERSEDED_GRACE)
    }

    pub(crate) fn counters(&self) -> Arc<StreamCounters> {
        Arc::clone(&self.counters)
    }

    fn received(&self) -> u64 {
        self.counters.received.load(Ordering::Relaxed)
    }

    /// Registers a call that is about to send a command.
    pub(crate) fn expect_reply(&self) -> PendingReply<'_> {
        self.counters.calls.fetch_add(1, Ordering::Relaxed);
        PendingReply { liveness: self, since: Instant::now(), received: self.received(), is_complete: false }
    }

    /// Waits for replies that callers have abandoned, and closes the connection if it stays silent meanwhile.
    pub(crate) async fn watch(&self, mut connection: MultiplexedConnection) {
        loop {
            self.was_abandoned.notified().await;
            let abandoned = self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(since) = abandoned else { continue };
            // Replies come in order: an abandoned one comes before this, unless its command was never sent.
            let ping = redis::cmd("PING");
            let reply = connection.send_packed_command(&ping);
            pin!(reply);
            let (mut received, mut deadline) = (self.received(), since + self.timeout);
            // An error means that the connection broke, which closes it elsewhere.
            while timeout_at(deadline, &mut reply).await.is_err() {
                if self.received() == received {
                    self.close();
                    return;
                }
                (received, deadline) = (self.received(), Instant::now() + self.timeout);
            }
        }
    }
}

/// A reply that is due. If dropped before it came, it is handed over to [`Liveness::watch`].
pub(crate) struct PendingReply<'a> {
    liveness: &'a Liveness,
    since: Instant,
    /// Reads that had returned data when the call began.
    received: u64,
    is_complete: bool,
}

impl PendingReply<'_> {
    /// Waits for the reply until the deadline, or until the connection breaks.
    pub(crate) async fn receive<T>(
        self,
        mut reply: Pin<&mut impl Future<Output = RedisResult<T>>>,
        deadline: Instant,
    ) -> Result<T, Failure> {
        let broken = self.liveness.until_broken();
        pin!(broken);
        let reply = poll_fn(|context| match reply.as_mut().poll(context) {
            Poll::Pending => {
                broken.as_mut().poll(context).map(|()| Err(io::Error::from(io::ErrorKind::BrokenPipe).into()))
            }
            reply @ Poll::Ready(_) => reply,
        });
        self.complete(timeout_at(deadline, reply).await)
    }

    /// Returns the reply or its failure. A lost connection is closed at once; a late reply is handed over to the
    /// watcher.
    fn complete<T>(mut self, reply: Result<Result<T, RedisError>, Elapsed>) -> Result<T, Failure> {
        let reply = reply.map_err(|_| Failure::TimedOut)?;
        self.is_complete = true;
        // With TLS there is no stream adapter to count it.
        self.liveness.counters.received.fetch_add(1, Ordering::Relaxed);
        if self.liveness.is_superseded() {
            return Err(Failure::ConnectionLost(Cause::new("the primary is being replaced")));
        }
        reply.map_err(|error| Failure::classify(&error)).inspect_err(|failure| {
            if matches!(failure, Failure::ConnectionLost(_)) {
                self.liveness.close();
            }
        })
    }
}

impl Drop for PendingReply<'_> {
    fn drop(&mut self) {
        self.liveness.counters.calls.fetch_sub(1, Ordering::Relaxed);
        if self.is_complete {
            return;
        }
        let now = Instant::now();
        let since = if self.liveness.received() == self.received { self.since } else { now };
        if now.duration_since(since) >= self.liveness.timeout {
            self.liveness.close();
            return;
        }
        let mut abandoned = self.liveness.abandoned.lock().unwrap_or_else(PoisonError::into_inner);
        *abandoned = Some(abandoned.map_or(since, |earlier| earlier.min(since)));
        drop(abandoned);
        self.liveness.was_abandoned.notify_one();
    }
}
