//! Connections that wait for a server until a deadline.

use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// The longest time that a call may take.
const MAX_TIMEOUT: Duration = Duration::from_hours(24);

/// A connection of a pool for one call.
///
/// On drop it returns to the pool once the server has answered everything, or is closed at the deadline. sqlx alone would
/// wait for a server that has gone silent without a limit, and its pool would have a connection less.
pub(crate) struct Connection<DB: Database> {
    inner: PoolConnection<DB>,
    deadline: Deadline,
    closes: bool,
}

/// When a call stops waiting for the server.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// Awaits a reply of the server.
    pub(crate) async fn wait_for<T>(self, reply: impl Future<Output = T>) -> Result<T, sqlx::Error> {
        timeout_at(self.0, reply).await.map_err(|_| {
            let text = "the server did not answer within the time that `SqlStore::call_timeout` allows";
            sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
        })
    }
}

/// Whether the server did not answer until a deadline.
#[cfg(feature = "postgres")]
pub(crate) fn is_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

impl<DB: Database> Connection<DB> {
    /// Acquires a connection, which the pool limits, for a call that may take this time.
    pub(crate) async fn acquire(pool: &Pool<DB>, timeout: Duration) -> Result<Self, sqlx::Error> {
        let inner = pool.acquire().await?;
        let deadline = Deadline(Instant::now() + timeout.min(MAX_TIMEOUT));
        Ok(Self { inner, deadline, closes: false })
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Sets whether the connection is closed on drop.
    pub(crate) fn close_on_drop(&mut self, closes: bool) {
        self.closes = closes;
    }
}

impl<DB: Database> Deref for Connection<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.inner
    }
}

impl<DB: Database> DerefMut for Connection<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.inner
    }
}

impl<DB: Database> Drop for Connection<DB> {
    fn drop(&mut self) {
        let runtime = Handle::try_current();
        if self.closes && runtime.is_ok() {
            // By sqlx, which waits some seconds at most.
            self.inner.close_on_drop();
            return;
        }
        // Hidden in sqlx's documentation: what its own drop spawns without a limit. Dropping it closes the connection.
        let returned = self.inner.return_to_pool();
        if let Ok(runtime) = runtime {
            runtime.spawn(timeout_at(self.deadline.0, returned));
        }
    }
}
