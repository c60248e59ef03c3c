//! A connection with an open transaction, and scripts on it.

use std::future::poll_fn;

use sqlx::mysql::{MySqlQueryResult, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Either, MySqlPool};

use super::MySql;
use super::script::Script;

/// A connection of the pool with an open transaction.
///
/// Dropping it closes it, so that the server rolls back and releases all locks. sqlx does not track the transaction, as
/// it was begun in a script.
pub(super) struct Connection(Option<PoolConnection<sqlx::MySql>>);

/// The reply to one statement.
#[derive(Default)]
pub(super) struct Reply {
    pub(super) rows: Vec<MySqlRow>,
    pub(super) result: MySqlQueryResult,
}

/// The rows of a statement.
pub(super) fn rows(replies: &[Reply], statement: usize) -> impl Iterator<Item = &MySqlRow> {
    replies.get(statement).into_iter().flat_map(|reply| &reply.rows)
}

impl Connection {
    pub(super) async fn acquire(pool: &MySqlPool) -> Result<Self, sqlx::Error> {
        Ok(Self(Some(pool.acquire().await?)))
    }

    /// Sends a script, and returns the replies to its statements.
    pub(super) async fn run(&mut self, script: Script<'_>) -> Result<Vec<Reply>, sqlx::Error> {
        let Some(connection) = &mut self.0 else { return Err(sqlx::Error::PoolClosed) };
        let mut stream = sqlx::raw_sql(AssertSqlSafe(script.into_sql())).fetch_many(&mut **connection);
        let mut replies = Vec::new();
        let mut rows = Vec::new();
        while let Some(part) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            match part? {
                Either::Left(result) => replies.push(Reply { rows: std::mem::take(&mut rows), result }),
                Either::Right(row) => rows.push(row),
            }
        }
        Ok(replies)
    }

    /// Returns the connection to the pool. The transaction must have ended, and all locks must have been released.
    pub(super) fn release(mut self) {
        self.0.take();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

impl MySql {
    /// Rolls back a transaction and releases its locks.
    pub(super) async fn roll_back(
        &self,
        connection: &mut Connection,
        locks: &[String],
    ) -> Result<(), sqlx::Error> {
        let mut script = Script::new(&self.names);
        script.roll_back();
        script.unlock(locks);
        connection.run(script).await.map(drop)
    }
}
