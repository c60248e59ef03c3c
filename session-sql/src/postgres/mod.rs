//! Sessions in PostgreSQL.
//!
//! Each verb is one prepared statement, and so one round trip; a write under a session limit is three, since it starts
//! from what is committed once it has locked the value. Writes of sealed sessions are two. Loads and simple updates
//! that wait for a connection share a statement. Every statement holds under READ COMMITTED:
//!
//! - A statement that had to wait for the row of a session goes on with the last state of that row. What it takes from
//!   elsewhere stays as it was when the statement began, so whatever decides about a session is in the session's row.
//! - Rows of several sessions are locked in the order of their ids, or not waited for, and entries of the index only under
//!   the lock of their session.

mod calls;
mod changes;
mod destroy;
mod execute;
mod fields;
mod held_value;
mod load;
mod lookup;
mod parameters;
mod query;
mod queue;
mod reply;
mod revocations;
mod row;
mod sealed;
mod statements;
mod transaction;
mod update;
mod writes;

use std::sync::Arc;
use std::time::Duration;

use session_core::StoreError;
use sqlx::{PgPool, query_scalar, raw_sql};

use self::calls::{Load, Loaded, Update, Updated};
use self::queue::Queue;
use self::statements::Statements;
use self::transaction::Transaction;
use crate::error::failed;
use crate::seal::Seal;
use crate::table::Table;

/// Sessions in a database of PostgreSQL.
pub(crate) struct Postgres {
    pool: PgPool,
    statements: Box<Statements>,
    seal: Option<Seal>,
    call_timeout: Duration,
    /// Calls that wait for a connection.
    loads: Queue<Load, Loaded>,
    updates: Queue<Arc<Update>, Updated>,
}

impl Postgres {
    pub(crate) fn new(pool: PgPool, table: &Table, seal: Option<Seal>, call_timeout: Duration) -> Self {
        Self {
            pool,
            statements: Box::new(Statements::new(table, seal.as_ref())),
            seal,
            call_timeout,
            loads: Queue::default(),
            updates: Queue::default(),
        }
    }

    pub(crate) fn schema(&self) -> &str {
        self.statements.schema.text()
    }

    /// Creates what is missing, in one transaction. If nothing is, this takes no lock that requests would wait for.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let connection = self.acquire().await?;
        let deadline = connection.deadline();
        let create_missing = async || {
            let begin = self.statements.begin_schema.text().to_owned();
            let mut transaction = Transaction::begin(connection, begin).await?;
            let exists = query_scalar(self.statements.schema_exists.sql());
            if !exists.fetch_one(&mut *transaction).await? {
                raw_sql(self.statements.schema.sql()).execute(&mut *transaction).await?;
            }
            transaction.commit().await
        };
        deadline.wait_for(create_missing()).await.flatten().map_err(|error| failed(&error))
    }
}
