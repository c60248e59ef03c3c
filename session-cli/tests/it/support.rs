//! Stores with sessions of an application, and runs of the program on them.

use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use session::redis::RedisStoreBuilder;
use session::store::DynStore;
use session::{Databag, HandleId, RedisStore, SealKey, SessionManager, SqlStore, Token};
use sqlx::mysql::MySqlPool;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use test_support::{MySqlServer, PostgresServer, RedisServer};

static REDIS: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);
static POSTGRES: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start);
static MYSQL: LazyLock<MySqlServer> = LazyLock::new(MySqlServer::start);

/// The data of the application's sessions.
#[derive(Databag)]
pub(crate) struct Visitor {
    #[databag(principal)]
    user: Option<String>,
    #[databag(index)]
    tenant: u64,
    #[databag(secret)]
    code: String,
}

/// A store of an application, and where the program finds it.
pub(crate) struct Store {
    pub(crate) name: &'static str,
    manager: SessionManager<Visitor>,
    url: String,
    prefix: String,
    /// Removed with the store.
    _dir: Option<TempDir>,
}

/// A session of the application.
pub(crate) struct SignedIn {
    pub(crate) id: HandleId,
    pub(crate) token: Token,
}

/// A key for sealing, as text.
pub(crate) fn random_key() -> String {
    let mut bytes = [0_u8; 64];
    getrandom::fill(&mut bytes).unwrap();
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// An empty store of each kind.
pub(crate) async fn stores() -> [Store; 4] {
    [Store::redis(), Store::postgres().await, Store::mysql().await, Store::sqlite().await]
}

/// A name that no other test uses.
fn unique() -> String {
    static NAMES: AtomicU32 = AtomicU32::new(0);
    format!("app{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

impl Store {
    fn new(name: &'static str, store: impl DynStore + 'static, url: String, prefix: String) -> Self {
        let store: Box<dyn DynStore> = Box::new(store);
        Self { name, manager: SessionManager::new(store), url, prefix, _dir: None }
    }

    pub(crate) fn redis() -> Self {
        let prefix = unique();
        let store = on_redis(&prefix).build().unwrap();
        Self::new("Redis", store, REDIS.url(), prefix)
    }

    /// Stores that seal values with this key.
    pub(crate) async fn sealed(key: &str) -> [Self; 2] {
        let key = || key.parse::<SealKey>().unwrap();
        let (prefix, table, url) = (unique(), unique(), POSTGRES.url("postgres"));
        let redis = on_redis(&prefix).seal(key(), []).build().unwrap();
        let postgres = SqlStore::new(PgPool::connect(&url).await.unwrap()).seal(key(), []);
        let postgres = migrated(postgres, &table).await;
        [
            Self::new("sealed Redis", redis, REDIS.url(), prefix),
            Self::new("sealed PostgreSQL", postgres, url, table),
        ]
    }

    async fn postgres() -> Self {
        let (url, table) = (POSTGRES.url("postgres"), unique());
        let store = migrated(SqlStore::new(PgPool::connect(&url).await.unwrap()), &table).await;
        Self::new("PostgreSQL", store, url, table)
    }

    async fn mysql() -> Self {
        let (url, table) = (MYSQL.url("mysql"), unique());
        let store = migrated(SqlStore::new(MySqlPool::connect(&url).await.unwrap()), &table).await;
        Self::new("MySQL or MariaDB", store, url, table)
    }

    async fn sqlite() -> Self {
        let (dir, table) = (TempDir::new().unwrap(), unique());
        let file = dir.path().join("sessions.db");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let store = migrated(SqlStore::new(SqlitePool::connect_with(options).await.unwrap()), &table).await;
        let url = format!("sqlite:{}", file.display());
        Self { _dir: Some(dir), ..Self::new("SQLite", store, url, table) }
    }

    /// A visitor of the application signs in.
    pub(crate) async fn sign_in(&self, user: &str, tenant: u64) -> SignedIn {
        let session = self.manager.create().await.unwrap();
        session.data.set_user(user);
        session.data.set_tenant(tenant);
        session.data.set_code("secret");
        session.save().await.unwrap();
        SignedIn { id: session.id().unwrap(), token: session.token().unwrap() }
    }

    pub(crate) async fn is_live(&self, session: &SignedIn) -> bool {
        self.manager.find(session.token.clone()).await.unwrap().is_some()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// Runs the program with these variables in its environment.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let place = ["--prefix", &self.prefix, "--table", &self.prefix];
        run(&self.url, &[&place, arguments].concat(), variables)
    }
}

/// A store with time for a busy machine.
fn on_redis(prefix: &str) -> RedisStoreBuilder {
    let patient = Duration::from_secs(30);
    RedisStore::builder(REDIS.url()).prefix(prefix).connect_timeout(patient).response_timeout(patient)
}

async fn migrated(store: SqlStore, table: &str) -> SqlStore {
    let store = store.table(table).unwrap();
    store.migrate().await.unwrap();
    store
}

/// Runs the program on the store of this URL.
pub(crate) fn run(url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_session"));
    program.args(arguments).env("SESSION_STORE", url).envs(variables.iter().copied());
    let output = program.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { is_success: output.status.success(), printed: text(output.stdout), errors: text(output.stderr) }
}

/// A finished run of the program.
pub(crate) struct Run {
    is_success: bool,
    printed: String,
    errors: String,
}

impl Run {
    /// Returns what it printed.
    pub(crate) fn succeeds(self) -> String {
        assert!(self.is_success, "{}", self.errors);
        assert_eq!(self.errors, "");
        self.printed
    }

    /// Returns its error messages.
    pub(crate) fn fails(self) -> String {
        assert!(!self.is_success, "{}", self.printed);
        assert_eq!(self.printed, "");
        self.errors
    }
}
