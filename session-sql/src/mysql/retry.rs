//! Retries transactions that InnoDB rolled back because of a deadlock.

use std::time::Duration;

use session_core::StoreError;
use tokio::time::sleep;

use super::MySql;
use crate::error::{Damage, failed, unavailable, unconfirmed};

/// Maximum number of attempts. In each deadlock all transactions but one continue.
const MAX_TRIES: u32 = 20;
/// Pause before another attempt. It doubles each time, five times at most.
const PAUSE: Duration = Duration::from_millis(2);

/// Error codes `ER_LOCK_DEADLOCK` and, of MariaDB, `ER_CHECKREAD`: a row changed since it was read.
const DEADLOCK: [u16; 2] = [1213, 1020];
/// Error codes of statements that the server ended, perhaps after the commit before them in the same message:
/// `ER_SERVER_SHUTDOWN`, `ER_QUERY_INTERRUPTED`, `ER_CONNECTION_KILLED` and `ER_STATEMENT_TIMEOUT` of MariaDB, and
/// `ER_SESSION_WAS_KILLED` of MySQL.
const ENDED: [u16; 5] = [1053, 1317, 1927, 1969, 3169];
/// Error code `ER_DUP_ENTRY`.
const DUPLICATE: u16 = 1062;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Rolled back because of a deadlock.
    Deadlock,
    Store(StoreError),
}

impl Failure {
    /// Of a statement that changed nothing.
    pub(super) fn failed(error: &sqlx::Error) -> Self {
        if is(error, &DEADLOCK) { Self::Deadlock } else { Self::Store(failed(error)) }
    }

    /// Of a message that commits.
    pub(super) fn unconfirmed(error: &sqlx::Error) -> Self {
        if is(error, &ENDED) {
            return Self::Store(StoreError::Timeout);
        }
        if is(error, &DEADLOCK) { Self::Deadlock } else { Self::Store(unconfirmed(error)) }
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        Self::Store(damage.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether another session has the same key.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    is(error, &[DUPLICATE])
}

fn is(error: &sqlx::Error, numbers: &[u16]) -> bool {
    let error = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>());
    error.is_some_and(|error| numbers.contains(&error.number()))
}

impl MySql {
    /// Executes a transaction, and retries it after a deadlock.
    pub(super) async fn transact<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        for tries in 0..MAX_TRIES {
            match attempt().await {
                Ok(done) => return Ok(done),
                Err(Failure::Store(error)) => return Err(error),
                Err(Failure::Deadlock) => sleep(PAUSE * 2_u32.pow(tries.min(5))).await,
            }
        }
        Err(unavailable("every attempt of the transaction ended in a deadlock"))
    }
}
