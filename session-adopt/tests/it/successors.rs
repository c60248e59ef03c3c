//! Sessions that replaced old ones in a database.

use std::time::Duration;

use session_adopt::{Found, OldSessions, OldStore, tower_sessions};
use session_core::{Timestamp, Token};
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// The id of the number 1.
const ID: &str = "AQAAAAAAAAAAAAAAAAAAAA";

fn after(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

/// A record of the number 1 that expires on the second day of 2026.
fn record() -> Vec<u8> {
    rmp_serde::to_vec(&(1_i128, [("a", 1)].into_iter().collect::<std::collections::HashMap<_, _>>(), TIME))
        .unwrap()
}

const TIME: (i32, u16, u8, u8, u8, u32, i8, i8, i8) = (2026, 2, 0, 0, 0, 0, 0, 0, 0);

async fn insert(pool: &SqlitePool) {
    let insert = "insert into tower_sessions values (?, ?, '2026-01-02T00:00:00Z')";
    sqlx::query(insert).bind(ID).bind(record()).execute(pool).await.unwrap();
}

async fn store() -> (SqlitePool, OldStore) {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let create = "create table tower_sessions (id text primary key not null, data blob not null, expiry_date integer not null)";
    sqlx::query(create).execute(&pool).await.unwrap();
    insert(&pool).await;
    (pool.clone(), tower_sessions::sqlite(pool))
}

#[tokio::test]
async fn the_successor_of_a_session_is_found_for_a_minute() {
    let (_, old) = store().await;
    let token = Token::random().unwrap();
    assert!(old.replace(ID, &token, after(5)).await.unwrap());
    assert!(!old.replace(ID, &Token::random().unwrap(), after(5)).await.unwrap(), "it has a successor");
    let found = old.find(ID, after(64)).await.unwrap();
    assert!(matches!(found, Some(Found::Successor(found)) if found == token));
    assert!(old.find(ID, after(65)).await.unwrap().is_none());
}

#[tokio::test]
async fn an_expired_session_is_not_found() {
    let (_, old) = store().await;
    let day = 24 * 60 * 60;
    assert!(matches!(old.find(ID, after(day - 1)).await.unwrap(), Some(Found::Session(_))));
    assert!(old.find(ID, after(day)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_that_an_old_version_writes_again_does_not_hide_its_successor() {
    let (pool, old) = store().await;
    old.replace(ID, &Token::random().unwrap(), NOW).await.unwrap();
    insert(&pool).await;
    assert!(matches!(old.find(ID, after(1)).await.unwrap(), Some(Found::Successor(_))));
}

#[tokio::test]
async fn a_table_that_does_not_exist_is_an_error_without_values() {
    let (_, old) = store().await;
    let old = old.table("not; drop table tower_sessions");
    let error = old.find(ID, NOW).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("database of the old sessions") && !text.contains(ID), "{text}");
    assert!(old.table("tower_sessions").find(ID, NOW).await.unwrap().is_some());
}
