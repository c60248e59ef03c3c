//! Serialises the writes of this process to one sealed session: a fair async mutex per session.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use session_core::StoreError;
use tokio::time::{Instant, timeout_at};

use crate::failure::Cause;
use crate::key::Key;

/// The locks of all sessions that are being written, by the name of the session's key.
#[derive(Default)]
pub(crate) struct WriteLocks(Mutex<HashMap<String, (Arc<WriteLock>, usize)>>);

struct WriteLock {
    turn: tokio::sync::Mutex<()>,
    /// When a writer last got an answer.
    progress: Mutex<Instant>,
}

/// A writer of a session, which waits for its turn or has it.
pub(crate) struct Writer<'a> {
    locks: &'a WriteLocks,
    key: &'a str,
    lock: Arc<WriteLock>,
}

impl WriteLocks {
    pub(crate) fn writer<'a>(&'a self, key: &'a Key) -> Writer<'a> {
        let mut locks = locked(&self.0);
        let (lock, writers) = locks.entry(key.name.clone()).or_insert_with(|| {
            let lock =
                WriteLock { turn: tokio::sync::Mutex::default(), progress: Mutex::new(Instant::now()) };
            (Arc::new(lock), 0)
        });
        *writers += 1;
        Writer { locks: self, key: &key.name, lock: Arc::clone(lock) }
    }
}

impl Writer<'_> {
    /// Waits until the writers that came before are done.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when none of them gets an answer for as long as `patience`.
    pub(crate) async fn turn(
        &self,
        patience: Duration,
    ) -> Result<tokio::sync::MutexGuard<'_, ()>, StoreError> {
        let mut since = Instant::now();
        let mut waiting = pin!(self.lock.turn.lock());
        loop {
            if let Ok(turn) = timeout_at(since + patience, &mut waiting).await {
                return Ok(turn);
            }
            let progress = *locked(&self.lock.progress);
            if progress <= since {
                let text = "earlier writes to this session got no answer from the server";
                return Err(StoreError::Unavailable(Cause::new(text).into()));
            }
            since = progress;
        }
    }

    /// Notes that the server answered.
    pub(crate) fn progress(&self) {
        *locked(&self.lock.progress) = Instant::now();
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        let mut locks = locked(&self.locks.0);
        if let Some((_, writers)) = locks.get_mut(self.key) {
            *writers -= 1;
            if *writers == 0 {
                locks.remove(self.key);
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
