//! Databases for tests.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use session_core::StoreKey;
use session_sql::{Pool, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::TempDir;

use crate::support::Database;

/// Files in a directory that is removed on drop.
pub(crate) struct Files {
    dir: TempDir,
    count: AtomicU32,
}

impl Files {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), count: AtomicU32::new(0) }
    }

    /// The name of a new file.
    pub(crate) fn next(&self) -> PathBuf {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        self.dir.path().join(format!("{number}.db"))
    }
}

pub(crate) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal)
}

pub(crate) async fn pool(file: &Path) -> SqlitePool {
    SqlitePoolOptions::new().connect_with(options(file)).await.unwrap()
}

/// A pool with one connection, to a database in memory.
pub(crate) async fn pool_in_memory() -> SqlitePool {
    let options = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    options.test_before_acquire(false).connect("sqlite::memory:").await.unwrap()
}

/// A store whose tables exist.
pub(crate) async fn store(pool: SqlitePool) -> SqlStore {
    let store = SqlStore::new(pool);
    store.migrate().await.unwrap();
    store
}

/// A database in memory.
pub(crate) struct InMemory {
    pool: SqlitePool,
}

impl Database for InMemory {
    const SEALED: &'static str = "record";

    async fn new() -> Self {
        let pool = pool_in_memory().await;
        store(pool.clone()).await;
        Self { pool }
    }

    fn pool(&self) -> Pool {
        self.pool.clone().into()
    }

    async fn execute(&self, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&self.pool).await.unwrap();
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    async fn text(&self, query: &'static str) -> String {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    async fn corrupt(&self, key: &StoreKey) {
        let corrupt = sqlx::query("update session set record = x'00' where key = ?");
        corrupt.bind(&key.as_bytes()[..]).execute(&self.pool).await.unwrap();
    }

    async fn sealed(&self) -> Vec<u8> {
        let sealed = "select record from session order by id limit 1";
        sqlx::query_scalar(sealed).fetch_one(&self.pool).await.unwrap()
    }

    async fn put_sealed(&self, bytes: &[u8]) {
        sqlx::query("update session set record = ?").bind(bytes).execute(&self.pool).await.unwrap();
    }

    async fn dump(&self) -> Vec<u8> {
        let dump = "select key from session union all select handle_id from session
            union all select record from session union all select digest from session_value
            union all select name from session_revocation union all select call_id from session_revocation";
        let values: Vec<Vec<u8>> = sqlx::query_scalar(dump).fetch_all(&self.pool).await.unwrap();
        values.concat()
    }
}
