//! Sites whose sessions are in SQLite.

use session::{Build, Builder, SessionLayer, SqlStore};
use sqlx::sqlite::SqlitePoolOptions;

use super::{Site, SpyStore};

/// A site with a database of its own.
pub(crate) fn on_sqlite() -> Site<SqlStore> {
    build_on_sqlite(SessionLayer::builder, |builder| builder, SessionLayer::clone).1
}

/// The same with settings of the test's own, and what the settings are for.
pub(crate) fn build_on_sqlite<Target: Build>(
    builder: impl FnOnce(SpyStore<SqlStore>) -> Builder<Target>,
    configure: impl FnOnce(Builder<Target>) -> Builder<Target>,
    layer: impl FnOnce(&Target) -> SessionLayer,
) -> (Target, Site<SqlStore>) {
    let store = SpyStore::over(sqlite_store());
    Site::build(builder(store.clone()), store, configure, layer)
}

/// A store with a new database in memory.
///
/// Its tables are created in another thread, so that tests need not wait for it.
pub(crate) fn sqlite_store() -> SqlStore {
    let create = async || {
        // Dropping a future during the ping would close the connection.
        let options = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false);
        let pool = options.connect("sqlite::memory:").await.unwrap();
        let store = SqlStore::new(pool.clone());
        store.migrate().await.unwrap();
        // The database ends with its connection, which a task of this runtime returns to the pool.
        while pool.num_idle() == 0 {
            tokio::task::yield_now().await;
        }
        store
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime().block_on(create())).join().unwrap()
}
