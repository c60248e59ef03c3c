//! The contracts of a store and of a revocation list.

use std::time::Duration;

use session_core::conformance;
use sqlx::sqlite::{SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::database::{Files, InMemory, options, pool, pool_in_memory, store};
use crate::support::Databases;

#[tokio::test]
async fn it_keeps_the_store_contract_in_a_file() {
    let files = Files::new();
    conformance::run(async || store(pool(&files.next()).await).await).await;
}

#[tokio::test]
async fn it_keeps_the_contract_of_a_revocation_list() {
    let files = Files::new();
    conformance::run_revocations(async || store(pool(&files.next()).await).await).await;
    conformance::run_revocations(async || store(pool_in_memory().await).await).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_in_memory() {
    conformance::run(Databases::<InMemory>::new()).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_without_a_write_ahead_log_and_without_sqlite_waiting_for_locks() {
    let files = Files::new();
    let make = async || {
        let options = options(&files.next())
            .journal_mode(SqliteJournalMode::Delete)
            // Thousands of writes; no power failure is tested.
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(Duration::ZERO)
            .foreign_keys(false);
        store(SqlitePoolOptions::new().connect_with(options).await.unwrap()).await
    };
    conformance::run(make).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_in_memory_shared_by_several_connections() {
    let make = async || {
        let options = SqlitePoolOptions::new().min_connections(2).idle_timeout(None).max_lifetime(None);
        store(options.connect("sqlite::memory:").await.unwrap()).await
    };
    conformance::run(make).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_where_sessions_are_sealed() {
    conformance::run(Databases::<InMemory>::sealed()).await;
}
