//! Transactions of several statements.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, raw_sql};

/// A transaction on a connection of the pool.
///
/// Unless it is committed, the connection is closed on drop, which ends the transaction wherever the future was dropped.
/// Those of sqlx stay open on a connection of the pool if the future that begins them is dropped.
pub(super) struct Transaction {
    connection: PoolConnection<Postgres>,
    is_committed: bool,
}

impl Transaction {
    /// Executes statements of which the first begins a transaction.
    pub(super) async fn begin(
        connection: PoolConnection<Postgres>,
        statements: String,
    ) -> Result<Self, sqlx::Error> {
        let mut transaction = Self { connection, is_committed: false };
        raw_sql(AssertSqlSafe(statements)).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        raw_sql("commit").execute(&mut *self).await?;
        self.is_committed = true;
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_committed {
            self.connection.close_on_drop();
        }
    }
}
