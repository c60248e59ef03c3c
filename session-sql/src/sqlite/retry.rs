//! Retries operations while the database is locked.

use std::time::Duration;

use session_core::StoreError;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Sqlite;
use crate::error::{Damage, unavailable, unconfirmed};

/// Pause before another attempt. It doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// The longest time that a call waits for a lock.
const MAX_WAIT: Duration = Duration::from_hours(24);

/// Primary result codes `SQLITE_BUSY`, of a file that another process has locked, and `SQLITE_LOCKED`, of a database in
/// memory that another connection has locked.
const LOCKED: [u32; 2] = [5, 6];

/// Why an attempt failed. Nothing was changed, unless the error is [`StoreError::Timeout`].
#[derive(Debug)]
pub(super) enum Failure {
    /// The database is locked: another attempt may succeed.
    Locked,
    Store(StoreError),
}

impl Sqlite {
    /// Executes a write, after those that wait already, and retries it while the database is locked.
    pub(super) async fn write<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let end = self.end_of_wait();
        let Ok(_turn) = timeout_at(end, self.writer.lock()).await else { return Err(self.locked()) };
        self.retry(attempt, end).await
    }

    /// Executes a query, and retries it while the database is locked, which does not occur with a write-ahead log.
    pub(super) async fn read<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.retry(attempt, self.end_of_wait()).await
    }

    async fn retry<T, F>(&self, attempt: impl Fn() -> F, end: Instant) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            match attempt().await {
                Ok(done) => return Ok(done),
                Err(Failure::Store(error)) => return Err(error),
                Err(Failure::Locked) => {}
            }
            let next = Instant::now() + pause;
            if next >= end {
                return Err(self.locked());
            }
            sleep_until(next).await;
            pause = (2 * pause).min(MAX_PAUSE);
        }
    }

    /// Waiting for a lock has the same time limit as waiting for a connection.
    fn end_of_wait(&self) -> Instant {
        Instant::now() + self.pool.options().get_acquire_timeout().min(MAX_WAIT)
    }

    fn locked(&self) -> StoreError {
        let waited = self.pool.options().get_acquire_timeout();
        unavailable(format!("another transaction kept the database locked for {waited:?}"))
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        if code.is_some_and(|code| LOCKED.contains(&(code & 0xff))) {
            return Self::Locked;
        }
        Self::Store(unconfirmed(&error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        Self::Store(damage.into())
    }
}
