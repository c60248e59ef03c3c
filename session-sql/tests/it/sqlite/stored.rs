//! What is stored: deadlines, damage, expired sessions.

use std::time::Duration;

use session_core::{Meta, Patch, Record, Refusal, Store as _, StoreError, Timestamp, Token};
use session_sql::SqlStore;
use sqlx::SqlitePool;

use super::database::{pool_in_memory, store};
use crate::support::{MINUTE, indexed, meta, now, of_user};

#[tokio::test]
async fn a_session_without_deadlines_is_read_as_it_was_written_and_never_swept() {
    let store = store(pool_in_memory().await).await;
    let meta = Meta {
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        ..meta()
    };
    let token = store.create(&Record::new(&meta, []), now()).await.unwrap();
    let far = Timestamp::from_millis(i64::MAX.unsigned_abs() - 1);
    assert_eq!(store.load(&token, far).await.unwrap().unwrap().meta(), meta);
    assert_eq!(store.sweep(far).await.unwrap(), 0);
    assert_eq!(store.count(far).await.unwrap(), 1);
    assert_eq!(store.sweep(Timestamp::NEVER).await.unwrap(), 1);
}

#[tokio::test]
async fn neither_the_token_nor_an_indexed_value_is_stored_outside_of_the_record() {
    let pool = pool_in_memory().await;
    let store = store(pool.clone()).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let key: Vec<u8> = sqlx::query_scalar("select key from session").fetch_one(&pool).await.unwrap();
    assert_eq!(key, token.store_key().unwrap().as_bytes());
    let digest: Vec<u8> =
        sqlx::query_scalar("select digest from session_value").fetch_one(&pool).await.unwrap();
    assert_eq!(digest.len(), 32);
}

/// Two sessions of a user, one of which is damaged by a statement.
async fn damaged(statement: &'static str) -> (SqlitePool, SqlStore, Token, Token) {
    let pool = pool_in_memory().await;
    let store = store(pool.clone()).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    sqlx::raw_sql(statement).execute(&pool).await.unwrap();
    let sound = store.create(&of_user("ada"), now()).await.unwrap();
    (pool, store, token, sound)
}

#[tokio::test]
async fn a_damaged_session_is_an_error_hides_no_other_and_can_be_destroyed() {
    for statement in [
        "update session set record = x'00'",
        "update session set record = x''",
        "update session set handle_id = x'00'",
        "update session set created_at = -1",
        "update session set authenticated_at = -1",
        "update session set idle_timeout = -1",
    ] {
        let (pool, store, token, sound) = damaged(statement).await;
        let patch = Patch::new().set("name", *b"eve");
        for result in [
            store.load(&token, now()).await.map(drop),
            store.update(&token, &patch, now()).await.map(drop),
            store.renew(&token, &patch, now()).await.map(drop),
        ] {
            assert!(matches!(result, Err(StoreError::Corrupt(_))), "{statement}: {result:?}");
        }
        let value = indexed("ada");
        assert_eq!(store.list(None, 10, now()).await.unwrap().records.len(), 1);
        assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 1);
        assert!(store.load(&sound, now()).await.unwrap().is_some());

        let ended = store.destroy_by("user", &value, None, now()).await.unwrap();
        assert_eq!(ended.len(), if statement.contains("handle_id") { 1 } else { 2 }, "{statement}");
        let left: i64 = sqlx::query_scalar("select count(*) from session").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0);
    }
    let (_, store, token, _) = damaged("update session set record = x'00'").await;
    assert!(store.destroy(&token).await.unwrap());
}

#[tokio::test]
async fn an_expired_session_is_told_from_an_unknown_one_until_it_is_swept() {
    let store = store(pool_in_memory().await).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let later = now().after(31 * MINUTE);
    assert_eq!(store.load(&token, later).await.unwrap(), None);
    assert_eq!(store.refusal(&token, later).await, Refusal::Expired);
    assert_eq!(store.refusal(&Token::random().unwrap(), later).await, Refusal::Unknown);
    assert_eq!(store.refusal(&Token::from("no token"), later).await, Refusal::Malformed);
    assert_eq!(store.sweep(later).await.unwrap(), 1);
    assert_eq!(store.refusal(&token, later).await, Refusal::Unknown);
}

#[tokio::test]
async fn more_sessions_than_one_statement_removes_are_swept_and_cleared() {
    let pool = pool_in_memory().await;
    let store = store(pool.clone()).await;
    for _ in 0..1_200 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    let alive = Record::new(&Meta { idle_deadline: now().after(60 * MINUTE), ..meta() }, []);
    store.create(&alive, now()).await.unwrap();
    assert_eq!(store.sweep(now().after(31 * MINUTE)).await.unwrap(), 1_200);
    assert_eq!(store.count(now()).await.unwrap(), 1);
    for _ in 0..1_200 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    assert_eq!(store.clear().await.unwrap(), 1_201);
    let left: i64 = sqlx::query_scalar("select count(*) from session_value").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_periodic_sweep_reports_failures_and_goes_on() {
    let pool = pool_in_memory().await;
    let store = SqlStore::new(pool.clone());
    let (errors, mut reported) = tokio::sync::mpsc::unbounded_channel();
    let sweeping = tokio::spawn(store.sweep_every(Duration::from_millis(1), move |error| {
        let _ = errors.send(error.to_string());
    }));
    reported.recv().await.unwrap();
    store.migrate().await.unwrap();
    let expired = Meta { idle_deadline: Timestamp::from_millis(1), ..meta() };
    store.create(&Record::new(&expired, []), Timestamp::from_millis(0)).await.unwrap();
    while sqlx::query("select 1 from session").fetch_optional(&pool).await.unwrap().is_some() {}
    sweeping.abort();
}
