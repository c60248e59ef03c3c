//! Databases for tests.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use session_core::StoreKey;
use session_sql::{Pool, SqlStore};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use test_support::PostgresServer;

use crate::support::Database;

/// The server of all tests that leave theirs running.
static SERVER: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start);

/// The connections of the database that wait for a lock.
const WAITING: &str =
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

/// A new database on the server of all tests.
pub(crate) async fn database() -> PgConnectOptions {
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let name = format!("test{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&SERVER.url("postgres")).await.unwrap();
    let create = format!("create database {name}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
    options(&SERVER, &name)
}

pub(crate) fn options(server: &PostgresServer, database: &str) -> PgConnectOptions {
    server.url(database).parse::<PgConnectOptions>().unwrap().ssl_mode(PgSslMode::Disable)
}

/// The port of the server of all tests.
pub(crate) fn port() -> u16 {
    SERVER.port()
}

/// A pool of up to ten connections.
pub(crate) async fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().connect_with(options).await.unwrap()
}

/// A pool that gives up after a second without a free connection, or while the server is down. It has a connection.
pub(crate) async fn impatient_pool(options: PgConnectOptions, connections: u32) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(1));
    let pool = pool.connect_lazy_with(options);
    // On a busy machine the first connection takes longer.
    while pool.acquire().await.is_err() {}
    pool
}

/// A store whose tables exist.
pub(crate) async fn store(pool: PgPool) -> SqlStore {
    let store = SqlStore::new(pool);
    store.migrate().await.unwrap();
    store
}

/// Waits until this number of connections wait for a lock.
pub(crate) async fn until_waiting(pool: &PgPool, connections: i64) {
    while sqlx::query_scalar::<_, i64>(WAITING).fetch_one(pool).await.unwrap() < connections {
        tokio::task::yield_now().await;
    }
}

/// A store in tables of its own.
pub(crate) async fn store_beside(pool: &PgPool) -> SqlStore {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("session{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let store = SqlStore::new(pool.clone()).table(&name).unwrap();
    store.migrate().await.unwrap();
    store
}

/// A database on the server of all tests.
pub(crate) struct OnServer {
    pool: PgPool,
}

impl Database for OnServer {
    const SEALED: &'static str = "fields";

    async fn new() -> Self {
        let pool = pool(database().await).await;
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
        let corrupt = sqlx::query("update session set fields = '[]', created_at = -1 where key = $1");
        corrupt.bind(&key.as_bytes()[..]).execute(&self.pool).await.unwrap();
    }

    async fn sealed(&self) -> Vec<u8> {
        let sealed = "select decode(fields #>> '{}', 'base64') from session order by id limit 1";
        sqlx::query_scalar(sealed).fetch_one(&self.pool).await.unwrap()
    }

    async fn put_sealed(&self, bytes: &[u8]) {
        let put = "update session set fields = to_jsonb(translate(encode($1, 'base64'), chr(10), ''))";
        sqlx::query(put).bind(bytes).execute(&self.pool).await.unwrap();
    }

    async fn dump(&self) -> Vec<u8> {
        let dump = "select s::text from session s union all select v::text from session_value v
            union all select r::text from session_revocation r";
        let values: Vec<String> = sqlx::query_scalar(dump).fetch_all(&self.pool).await.unwrap();
        values.concat().into_bytes()
    }
}
