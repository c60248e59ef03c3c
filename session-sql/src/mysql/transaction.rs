//! Scripts in a transaction.

use std::future::poll_fn;

use sqlx::mysql::{MySqlConnection, MySqlQueryResult, MySqlRow};
use sqlx::{AssertSqlSafe, Either};

use super::MySql;
use super::retry::Failure;
use super::script::Script;
use crate::connection::Connection;

/// A connection of the pool with an open transaction.
///
/// Dropping it closes it, so that the server rolls back and releases all locks. sqlx does not track the transaction, as
/// it was begun in a script.
pub(super) struct Transaction(Connection<sqlx::MySql>);

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

impl Transaction {
    /// Sends a script, and returns the replies to its statements.
    pub(super) async fn run(&mut self, script: Script<'_>) -> Result<Vec<Reply>, sqlx::Error> {
        let deadline = self.0.deadline();
        deadline.wait_for(run(&mut self.0, script)).await.flatten()
    }

    /// Returns the connection to the pool. The transaction must have ended, and all locks must have been released.
    pub(super) fn release(mut self) {
        self.0.close_on_drop(false);
    }
}

async fn run(connection: &mut MySqlConnection, script: Script<'_>) -> Result<Vec<Reply>, sqlx::Error> {
    let mut stream = sqlx::raw_sql(AssertSqlSafe(script.into_sql())).fetch_many(connection);
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

impl MySql {
    /// Acquires a connection for a transaction, which its first script begins.
    pub(super) async fn transaction(&self) -> Result<Transaction, Failure> {
        let mut connection = self.acquire().await.map_err(|error| Failure::failed(&error))?;
        connection.close_on_drop(true);
        Ok(Transaction(connection))
    }

    /// Rolls back a transaction and releases its locks.
    pub(super) async fn roll_back(
        &self,
        transaction: &mut Transaction,
        locks: &[String],
    ) -> Result<(), sqlx::Error> {
        let mut script = Script::new(&self.names);
        script.roll_back();
        script.unlock(locks);
        transaction.run(script).await.map(drop)
    }
}
