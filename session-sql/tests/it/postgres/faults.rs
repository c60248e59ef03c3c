//! A pool without free connections, missing tables, a full disk, servers that refuse.

use std::time::Duration;

use session_core::{Patch, Store as _, StoreError};
use session_sql::SqlStore;
use sqlx::postgres::PgPoolOptions;

use super::database::{database, impatient_pool, pool, store};
use crate::support::{indexed, now, of_user, outage, record};

#[tokio::test]
async fn without_a_free_connection_calls_fail_and_work_again_with_one() {
    let database = database().await;
    let token = store(pool(database.clone()).await).await.create(&record(), now()).await.unwrap();
    let pool = impatient_pool(database, 1).await;
    let store = SqlStore::new(pool.clone());
    let connection = pool.acquire().await.unwrap();
    for text in [
        outage(store.load(&token, now()).await),
        outage(store.update(&token, &Patch::new().set("name", *b"eve"), now()).await),
        outage(store.destroy(&token).await),
        outage(store.sweep(now()).await),
    ] {
        assert!(text.contains("no connection of the pool became free"), "{text}");
    }
    drop(connection);
    assert!(store.load(&token, now()).await.unwrap().is_some());
    pool.close().await;
    assert!(outage(store.load(&token, now()).await).contains("the pool is closed"));
}

#[tokio::test]
async fn without_tables_the_error_says_how_to_create_them() {
    let store = SqlStore::new(pool(database().await).await);
    let text = outage(store.create(&record(), now()).await.map(drop));
    assert!(text.contains("`SqlStore::migrate`"), "{text}");
    assert_eq!(store.name(), "postgres");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_an_outage_that_shows_no_password() {
    let url = "postgres://user:secret@127.0.0.1:1/database";
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(1)).connect_lazy(url).unwrap();
    let store = SqlStore::new(pool);
    for text in [outage(store.ping().await), outage(store.create(&record(), now()).await.map(drop))] {
        assert!(!text.contains("secret"), "{text}");
    }
    assert!(!format!("{store:?}").contains("secret"));
}

#[tokio::test]
async fn a_read_only_database_is_an_outage_for_writes_alone_and_shows_no_value() {
    let options = database().await;
    let writer = store(pool(options.clone()).await).await;
    let token = writer.create(&of_user("ada"), now()).await.unwrap();
    let options = options.options([("default_transaction_read_only", "on")]);
    let reader = SqlStore::new(pool(options).await);
    assert!(reader.load(&token, now()).await.unwrap().is_some());
    for text in [
        outage(reader.update(&token, &Patch::new().set("name", *b"secret value"), now()).await),
        outage(reader.update(&token, &Patch::new().set("user", indexed("secret value")), now()).await),
        outage(reader.destroy(&token).await),
    ] {
        assert!(text.contains("25006") && !text.contains("secret"), "{text}");
    }
}

/// A trigger that fails as a full disk does.
const FULL: &str = "
    create function fail() returns trigger language plpgsql as
        $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$;
    create trigger full_disk after insert or update on session for each row execute function fail()";

#[tokio::test]
async fn a_full_disk_leaves_sessions_as_they_were() {
    let pool = pool(database().await).await;
    let store = store(pool.clone()).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    sqlx::raw_sql(FULL).execute(&pool).await.unwrap();
    let larger = Patch::new().set("name", vec![1; 1 << 16]).set("user", indexed("bob"));
    for text in [
        outage(store.create(&of_user("ada"), now()).await.map(drop)),
        outage(store.update(&token, &larger, now()).await),
        outage(store.renew(&token, &larger, now()).await),
    ] {
        assert!(text.contains("53100"), "{text}");
    }
    let record = store.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(record.get("name"), of_user("ada").get("name"));
    assert_eq!(store.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len(), 1);
    assert_eq!(store.find_by("user", &indexed("bob"), &[], now()).await.unwrap().len(), 0);
    assert!(store.destroy(&token).await.unwrap());
}

#[tokio::test]
async fn a_connection_that_the_server_ends_during_a_write_leaves_the_outcome_open() {
    let options = database().await;
    let observer = pool(options.clone()).await;
    let store = store(pool(options).await).await;
    let token = store.create(&record(), now()).await.unwrap();
    let mut lock = observer.begin().await.unwrap();
    sqlx::query("select from session for update").execute(&mut *lock).await.unwrap();
    let writer = store.clone();
    let writing_token = token.clone();
    let write = tokio::spawn(async move {
        writer.update(&writing_token, &Patch::new().set("name", *b"eve"), now()).await
    });
    super::database::until_waiting(&observer, 1).await;
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    sqlx::query(end).execute(&observer).await.unwrap();
    assert!(matches!(write.await.unwrap(), Err(StoreError::Timeout)));
    lock.commit().await.unwrap();
    let record = store.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(record.get("name"), Some(b"\x01lovelace".as_slice()));
}
