//! Sessions in SQLite.
//!
//! SQLite has one writer at a time. A write that depends on the record reads it, changes it and writes it whole in one
//! transaction that holds the write lock from its beginning.

mod destroy;
mod lookup;
mod retry;
mod revocations;
mod rollback;
mod statements;
mod writes;

use session_core::StoreError;
use sqlx::SqlitePool;
use tokio::sync::Mutex;

use self::statements::Statements;
use crate::seal::Seal;
use crate::table::Table;

pub(crate) struct Sqlite {
    pool: SqlitePool,
    statements: Statements,
    seal: Option<Seal>,
    /// Serialises the writes of this process, which would otherwise poll the lock of the file.
    writer: Mutex<()>,
}

impl Sqlite {
    pub(crate) fn new(pool: SqlitePool, table: &Table, seal: Option<Seal>) -> Self {
        let statements = Statements::new(table, seal.as_ref());
        Self { pool, statements, seal, writer: Mutex::new(()) }
    }

    pub(crate) fn schema(&self) -> &str {
        self.statements.schema.text()
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let migrate = || async {
            sqlx::raw_sql(self.statements.schema.sql()).execute(&self.pool).await?;
            Ok(())
        };
        self.write(migrate).await
    }
}
