//! Transactions of several statements.

use std::ops::{Deref, DerefMut};

use sqlx::{AssertSqlSafe, PgConnection, Postgres, raw_sql};

use crate::connection::{Connection, Deadline};

/// A transaction on a connection of the pool.
///
/// Unless it is committed, the connection is closed on drop, which ends the transaction wherever the future was dropped.
/// Those of sqlx stay open on a connection of the pool if the future that begins them is dropped.
pub(super) struct Transaction {
    connection: Connection<Postgres>,
}

impl Transaction {
    /// Executes statements of which the first begins a transaction.
    pub(super) async fn begin(
        mut connection: Connection<Postgres>,
        statements: String,
    ) -> Result<Self, sqlx::Error> {
        connection.close_on_drop(true);
        let deadline = connection.deadline();
        deadline.wait_for(raw_sql(AssertSqlSafe(statements)).execute(&mut *connection)).await.flatten()?;
        Ok(Self { connection })
    }

    pub(super) fn deadline(&self) -> Deadline {
        self.connection.deadline()
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.deadline().wait_for(raw_sql("commit").execute(&mut *self.connection)).await.flatten()?;
        self.connection.close_on_drop(false);
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
