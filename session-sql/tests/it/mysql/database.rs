//! Databases for tests.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use session_core::StoreKey;
use session_sql::{Pool, SqlStore};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, MySqlPool};
use test_support::MySqlServer;

use crate::support::{Database, Proxy};

/// The server that the tests share.
static SERVER: LazyLock<MySqlServer> = LazyLock::new(MySqlServer::start);

/// Options to connect to a new database of the shared server.
pub(crate) async fn options() -> MySqlConnectOptions {
    new_database(&SERVER).await
}

/// Options to connect to a new database of the shared server through a proxy.
pub(crate) async fn options_through() -> (MySqlConnectOptions, Proxy) {
    let proxy = Proxy::to(SERVER.port()).await;
    (options().await.port(proxy.port()), proxy)
}

/// The same without the proxy.
pub(crate) fn directly(options: MySqlConnectOptions) -> MySqlConnectOptions {
    options.port(SERVER.port())
}

/// Options to connect to a new database of a server.
pub(crate) async fn new_database(server: &MySqlServer) -> MySqlConnectOptions {
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let name = format!("test{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let options: MySqlConnectOptions = server.url("").parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    let create = AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    options.database(&name)
}

pub(crate) async fn pool(options: MySqlConnectOptions) -> MySqlPool {
    MySqlPoolOptions::new().test_before_acquire(false).connect_with(options).await.unwrap()
}

/// A store whose tables exist.
pub(crate) async fn store(pool: MySqlPool) -> SqlStore {
    let store = SqlStore::new(pool);
    store.migrate().await.unwrap();
    store
}

/// A database of the shared server.
pub(crate) struct OnServer {
    pool: MySqlPool,
}

impl Database for OnServer {
    const SEALED: &'static str = "record";

    async fn new() -> Self {
        let pool = pool(options().await).await;
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
        let corrupt = sqlx::query("update session set record = x'00' where `key` = ?");
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
        let dump = "select `key` from session union all select handle_id from session
            union all select record from session union all select digest from session_value
            union all select name from session_revocation union all select call_id from session_revocation";
        let values: Vec<Vec<u8>> = sqlx::query_scalar(dump).fetch_all(&self.pool).await.unwrap();
        values.concat()
    }
}
