//! Serialises writes of this process to one sealed session: a fair async mutex for each session being written.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use session_core::StoreError;
use tokio::time::{Instant, timeout_at};

use crate::client::failure::Cause;
use crate::key::Key;

/// Locks of the sessions that are being written, by the name of the session's key, with the number of their writers.
#[derive(Default)]
pub(crate) struct WriteLocks(Mutex<HashMap<String, (Arc<WriteLock>, usize)>>);

struct WriteLock {
    mutex: tokio::sync::Mutex<()>,
    /// When a writer last received a reply.
    progress: Mutex<Instant>,
}

/// A writer of a session, which waits for the lock or holds it.
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
                WriteLock { mutex: tokio::sync::Mutex::default(), progress: Mutex::new(Instant::now()) };
            (Arc::new(lock), 0)
        });
        *writers += 1;
        Writer { locks: self, key: &key.name, lock: Arc::clone(lock) }
    }
}

impl Writer<'_> {
    /// Acquires the lock, after the writers that came before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if none of them receives a reply within `timeout`.
    pub(crate) async fn lock(
        &self,
        timeout: Duration,
    ) -> Result<tokio::sync::MutexGuard<'_, ()>, StoreError> {
        let mut since = Instant::now();
        let mut waiting = pin!(self.lock.mutex.lock());
        loop {
            if let Ok(guard) = timeout_at(since + timeout, &mut waiting).await {
                return Ok(guard);
            }
            let progress = *locked(&self.lock.progress);
            if progress <= since {
                let text = "earlier writes to this session received no reply from the server";
                return Err(StoreError::Unavailable(Cause::new(text).into()));
            }
            since = progress;
        }
    }

    /// Records that the server replied.
    pub(crate) fn note_progress(&self) {
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
