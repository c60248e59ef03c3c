//! The stores on pools with the same settings: ten connections, no ping before each call, a write-ahead log in SQLite.

use anyhow::Result;
use session::SqlStore;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};
use tower_sessions_sqlx_store::sqlx as other_sqlx;
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

const CONNECTIONS: u32 = 10;

pub(crate) fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

pub(crate) async fn postgres_pool(url: &str) -> Result<PgPool> {
    let options = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    Ok(options.connect(url).await?)
}

pub(crate) async fn sqlite_pool(url: &str) -> Result<SqlitePool> {
    let options = SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let connect = url.parse::<SqliteConnectOptions>()?.journal_mode(SqliteJournalMode::Wal);
    Ok(options.connect_with(connect).await?)
}

/// The store of `session`.
pub(crate) async fn session_store(url: &str) -> Result<SqlStore> {
    let store = if is_sqlite(url) {
        SqlStore::new(sqlite_pool(url).await?)
    } else {
        SqlStore::new(postgres_pool(url).await?)
    };
    store.migrate().await?;
    Ok(store)
}

pub(crate) async fn tower_sessions_postgres(url: &str) -> Result<PostgresStore> {
    let options = other_sqlx::postgres::PgPoolOptions::new().max_connections(CONNECTIONS);
    let store = PostgresStore::new(options.test_before_acquire(false).connect(url).await?);
    store.migrate().await?;
    Ok(store)
}

pub(crate) async fn tower_sessions_sqlite(url: &str) -> Result<SqliteStore> {
    use other_sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
    let options = SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let connect = url.parse::<SqliteConnectOptions>()?.journal_mode(SqliteJournalMode::Wal);
    let store = SqliteStore::new(options.connect_with(connect).await?);
    store.migrate().await?;
    Ok(store)
}

/// Evaluates an expression with the store of `tower-sessions` for this URL, whose type depends on the database.
macro_rules! with_tower_sessions_store {
    ($url:expr, $store:ident => $result:expr) => {
        if $crate::sql::stores::is_sqlite($url) {
            let $store = $crate::sql::stores::tower_sessions_sqlite($url).await?;
            $result
        } else {
            let $store = $crate::sql::stores::tower_sessions_postgres($url).await?;
            $result
        }
    };
}

pub(crate) use with_tower_sessions_store;
