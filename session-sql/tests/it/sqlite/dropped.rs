//! Futures that are dropped before they complete.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use session_core::{Evict, Patch, SessionLimit, Store as _, Token, TokenSource};
use session_sql::SqlStore;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection as _, SqlitePool};

use super::database::{Files, options, pool, store};
use crate::support::{MINUTE, count_one, drop_at_every_await, indexed, now, of_user, record};

/// One connection for the store, and another one to the same file.
async fn store_and_observer() -> (Files, SqlStore, SqlitePool, SqlitePool) {
    let files = Files::new();
    let file = files.next();
    let own = SqlitePoolOptions::new().max_connections(1).connect_with(options(&file)).await.unwrap();
    let observer = SqlitePoolOptions::new().connect_with(options(&file).busy_timeout(MINUTE)).await.unwrap();
    (files, store(own.clone()).await, own, observer)
}

/// Neither a transaction nor a lock is left.
async fn assert_idle(own: &SqlitePool, observer: &SqlitePool) {
    observer.begin_with("begin immediate").await.unwrap().rollback().await.unwrap();
    let mut connection = own.acquire().await.unwrap();
    assert!(!connection.is_in_transaction(), "the connection is in a transaction");
    connection.begin_with("begin immediate").await.unwrap().rollback().await.unwrap();
}

#[tokio::test]
async fn an_update_is_done_or_not_and_leaves_no_lock() {
    let (_files, store, own, observer) = store_and_observer().await;
    let token = store.create(&record(), now()).await.unwrap();
    let attempts = Mutex::new(0);
    let visits = async || {
        let record = store.load(&token, now()).await.unwrap().unwrap();
        record.get("visits").map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse::<u32>().unwrap())
    };
    let before = Mutex::new(0);
    drop_at_every_await(
        async || {
            *attempts.lock().unwrap() += 1;
            store.update(&token, &count_one(), now()).await.unwrap()
        },
        async |done| {
            assert_idle(&own, &observer).await;
            let after = visits().await;
            let before = std::mem::replace(&mut *before.lock().unwrap(), after);
            assert!(after == before + 1 || (after == before && done.is_none()), "{before} {after} {done:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_renewal_leaves_one_of_both_tokens_and_no_lock() {
    let (_files, store, own, observer) = store_and_observer().await;
    let minted = Arc::new(Mutex::new(Vec::new()));
    let source = Arc::clone(&minted);
    let store = store.token_source(TokenSource::from_fn(move || {
        let token = Token::random()?;
        source.lock().unwrap().push(token.clone());
        Ok(token)
    }));
    store.create(&of_user("ada"), now()).await.unwrap();
    let value = indexed("ada");
    let limit = SessionLimit {
        name: "user",
        value: &value,
        max: NonZeroUsize::new(1).unwrap(),
        on_full: Evict::Oldest,
    };
    let live = async || {
        let mut live = Vec::new();
        let minted = minted.lock().unwrap().clone();
        for token in minted {
            live.extend(store.load(&token, now()).await.unwrap().map(|_| token));
        }
        live
    };
    drop_at_every_await(
        async || {
            let token = live().await.remove(0);
            let patch = Patch::new().set("user", value.clone());
            store.renew_limited(&token, &patch, limit, now()).await.unwrap()
        },
        async |_| {
            assert_idle(&own, &observer).await;
            assert_eq!(live().await.len(), 1);
            assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn a_sign_in_evicts_and_creates_or_neither_and_leaves_no_lock() {
    let (_files, store, own, observer) = store_and_observer().await;
    let value = indexed("ada");
    let limit = SessionLimit {
        name: "user",
        value: &value,
        max: NonZeroUsize::new(2).unwrap(),
        on_full: Evict::Oldest,
    };
    for _ in 0..2 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    drop_at_every_await(
        async || store.create_limited(&of_user("ada"), limit, now()).await.unwrap(),
        async |_| {
            assert_idle(&own, &observer).await;
            assert_eq!(store.count(now()).await.unwrap(), 2);
            assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 2);
        },
    )
    .await;
}

#[tokio::test]
async fn single_statements_leave_no_lock() {
    let (_files, store, own, observer) = store_and_observer().await;
    let value = indexed("ada");
    let idle = async || assert_idle(&own, &observer).await;
    let sign_in = async || store.create(&of_user("ada"), now()).await.unwrap();
    drop_at_every_await(async || store.load(&sign_in().await, now()).await.unwrap(), async |_| idle().await)
        .await;
    drop_at_every_await(
        async || store.touch(&sign_in().await, now().after(MINUTE), now()).await.unwrap(),
        async |_| idle().await,
    )
    .await;
    drop_at_every_await(
        async || {
            sign_in().await;
            store.destroy_by("user", &value, None, now()).await.unwrap()
        },
        async |done| {
            idle().await;
            if done.is_some() {
                assert_eq!(store.count(now()).await.unwrap(), 0);
            }
        },
    )
    .await;
    drop_at_every_await(async || store.sweep(now()).await.unwrap(), async |_| idle().await).await;
    drop_at_every_await(async || store.clear().await.unwrap(), async |_| idle().await).await;
}

#[tokio::test]
async fn a_dropped_migration_can_be_repeated() {
    let files = Files::new();
    drop_at_every_await(
        async || {
            let store = SqlStore::new(pool(&files.next()).await);
            store.migrate().await.unwrap();
        },
        async |_| {},
    )
    .await;
    let file = files.next();
    let store = SqlStore::new(pool(&file).await);
    drop_at_every_await(async || store.migrate().await.unwrap(), async |_| {}).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}
