//! A pool without free connections, a locked database, a full disk, missing tables.

use std::time::Duration;

use session_core::{Patch, Revocations as _, Store as _, Token, WriteOutcome};
use session_sql::SqlStore;
use sqlx::sqlite::{SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Connection as _, SqlitePool};

use super::database::{Files, options, pool, pool_in_memory, store};
use crate::support::{Drop, MINUTE, indexed, now, of_user, outage, poll_times, record};

#[tokio::test]
async fn without_a_free_connection_calls_fail_and_work_again_with_one() {
    let files = Files::new();
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(1));
    let pool = pool.connect_with(options(&files.next())).await.unwrap();
    let store = store(pool.clone()).await;
    let token = store.create(&record(), now()).await.unwrap();
    let connection = pool.acquire().await.unwrap();
    for text in [
        outage(store.load(&token, now()).await),
        outage(store.update(&token, &Patch::new().set("name", *b"eve"), now()).await),
        outage(store.destroy(&token).await),
    ] {
        assert!(text.contains("no connection of the pool became free"), "{text}");
    }
    drop(connection);
    assert!(store.load(&token, now()).await.unwrap().is_some());
    pool.close().await;
    assert!(outage(store.load(&token, now()).await).contains("the pool is closed"));
}

#[tokio::test]
async fn a_write_waits_for_the_lock_of_another_process_and_fails_if_that_keeps_it() {
    let files = Files::new();
    let file = files.next();
    let options = options(&file).busy_timeout(Duration::ZERO);
    let make = |wait| SqlitePoolOptions::new().acquire_timeout(wait).connect_with(options.clone());
    let impatient = store(make(Duration::from_secs(1)).await.unwrap()).await;
    let patient = store(make(MINUTE).await.unwrap()).await;
    let token = impatient.create(&record(), now()).await.unwrap();
    let other = pool(&file).await;
    let lock = other.begin_with("begin immediate").await.unwrap();

    let text = outage(impatient.update(&token, &Patch::new().set("name", *b"eve"), now()).await);
    assert!(text.contains("another transaction kept the database locked for 1s"), "{text}");
    assert_eq!(impatient.load(&token, now()).await.unwrap().unwrap().get("name"), record().get("name"));

    let patch = Patch::new().set("name", *b"bob");
    let mut waiting = Box::pin(patient.update(&token, &patch, now()));
    assert!(poll_times(&mut waiting, 20, Drop::WhenWoken).await.is_none(), "written in spite of the lock");
    lock.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), WriteOutcome::Done);
    assert_eq!(impatient.load(&token, now()).await.unwrap().unwrap().get("name"), Some(b"bob".as_slice()));
}

/// Creates sessions until the database is full, and returns their tokens.
async fn fill(store: &SqlStore) -> Vec<Token> {
    let mut tokens = Vec::new();
    loop {
        match store.create(&of_user("ada"), now()).await {
            Ok(token) => tokens.push(token),
            failed => {
                let text = outage(failed.map(drop));
                assert!(text.contains("full"), "{text}");
                return tokens;
            }
        }
    }
}

async fn assert_full_disk_is_survived(pool: SqlitePool) {
    let store = store(pool.clone()).await;
    sqlx::raw_sql("pragma max_page_count = 40").execute(&pool).await.unwrap();
    let tokens = fill(&store).await;
    assert!(tokens.len() > 10, "{}", tokens.len());
    assert!(!pool.acquire().await.unwrap().is_in_transaction(), "the connection is in a transaction");
    pool.begin_with("begin immediate").await.unwrap().rollback().await.unwrap();

    let larger = Patch::new().set("name", vec![1; 1 << 16]);
    outage(store.update(&tokens[0], &larger, now()).await);
    outage(store.renew(&tokens[0], &larger, now()).await);
    for token in &tokens {
        assert_eq!(store.load(token, now()).await.unwrap().unwrap().get("name"), of_user("ada").get("name"));
    }
    let found = store.find_by("user", &indexed("ada"), &[], now()).await.unwrap();
    assert_eq!(found.len(), tokens.len());

    for token in &tokens[..tokens.len() / 2] {
        assert!(store.destroy(token).await.unwrap());
    }
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_full_disk_leaves_sessions_as_they_were_and_the_connection_usable() {
    let files = Files::new();
    let options = options(&files.next());
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    assert_full_disk_is_survived(pool).await;
}

#[tokio::test]
async fn a_full_database_in_memory_leaves_sessions_as_they_were_and_the_connection_usable() {
    assert_full_disk_is_survived(pool_in_memory().await).await;
}

#[tokio::test]
async fn without_tables_the_error_says_how_to_create_them() {
    let store = SqlStore::new(pool_in_memory().await);
    let text = outage(store.create(&record(), now()).await.map(drop));
    assert!(text.contains("`SqlStore::migrate`"), "{text}");
    assert!(!format!("{store:?}").contains("memory"));
}

#[tokio::test]
async fn a_read_only_database_is_an_outage_for_writes_alone() {
    let files = Files::new();
    let file = files.next();
    let writer = store(pool(&file).await).await;
    let token = writer.create(&record(), now()).await.unwrap();
    let reader = SqlitePool::connect_with(options(&file).read_only(true)).await.unwrap();
    let reader = SqlStore::new(reader);
    assert!(reader.load(&token, now()).await.unwrap().is_some());
    let text = outage(reader.update(&token, &Patch::new().set("name", *b"secret value"), now()).await);
    assert!(text.contains("readonly") && !text.contains("secret"), "{text}");
}

/// Without a write-ahead log a commit waits for readers.
#[tokio::test]
async fn a_write_that_readers_keep_from_being_committed_is_no_success() {
    let files = Files::new();
    let options = options(&files.next()).journal_mode(SqliteJournalMode::Delete).busy_timeout(Duration::ZERO);
    let own = SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(1));
    let store = store(own.connect_with(options.clone()).await.unwrap()).await;
    let record = of_user("ada");
    let token = store.create(&record, now()).await.unwrap();
    let name = [1; 32].into();
    let other = SqlitePool::connect_with(options).await.unwrap();
    let mut reader = other.begin().await.unwrap();
    sqlx::query("select * from session").fetch_all(&mut *reader).await.unwrap();

    for text in [
        outage(store.destroy_by_id(record.meta().id, None, now()).await),
        outage(store.destroy_by("user", &indexed("ada"), None, now()).await),
        outage(store.destroy(&token).await),
        outage(store.raise(name, 7, now().after(MINUTE), now()).await),
    ] {
        assert!(text.contains("kept the database locked"), "{text}");
    }
    reader.rollback().await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
    assert_eq!(store.floors(&[name], now()).await.unwrap()[0].value, 0);
    assert!(store.destroy_by_id(record.meta().id, None, now()).await.unwrap());
    assert_eq!(store.raise(name, 7, now().after(MINUTE), now()).await.unwrap().value, 0);
}
