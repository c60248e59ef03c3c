//! Futures that are dropped before they complete.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use session_core::{Evict, Patch, SessionLimit, Store as _, Token, WriteOutcome};
use session_sql::SqlStore;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::database::{database, pool, store};
use crate::support::{MINUTE, count_one, drop_at_every_await, indexed, now, of_user, record};

/// A store with one connection, and another pool.
async fn store_and_observer() -> (SqlStore, PgPool) {
    let options = database().await;
    let own = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.unwrap();
    (store(own).await, pool(options).await)
}

/// Waits until no connection is in a transaction or has a lock, for two minutes at most.
async fn until_idle(observer: &PgPool) {
    let busy = "select count(*) from pg_stat_activity a where datname = current_database() and (
            state like 'idle in transaction%'
            or exists (select from pg_locks l where l.pid = a.pid and locktype = 'advisory'))";
    let idle = async {
        while sqlx::query_scalar::<_, i64>(busy).fetch_one(observer).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(2 * MINUTE, idle).await.expect("a transaction or a lock is left");
}

#[tokio::test]
async fn an_update_is_done_or_not_and_leaves_no_transaction() {
    let (store, observer) = store_and_observer().await;
    let token = store.create(&record(), now()).await.unwrap();
    let before = Mutex::new(0);
    drop_at_every_await(
        async || store.update(&token, &count_one(), now()).await.unwrap(),
        async |done| {
            until_idle(&observer).await;
            let record = store.load(&token, now()).await.unwrap().unwrap();
            let after =
                record.get("visits").map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse().unwrap());
            let before = std::mem::replace(&mut *before.lock().unwrap(), after);
            assert!(after == before + 1 || (after == before && done.is_none()), "{before} {after} {done:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_sign_in_under_a_limit_is_done_or_not_and_leaves_no_lock() {
    let (store, observer) = store_and_observer().await;
    let value = indexed("ada");
    let limit = SessionLimit { name: "user", value: &value, max: NonZeroUsize::MIN, on_full: Evict::Reject };
    let anonymous = Mutex::new(store.create(&record(), now()).await.unwrap());
    let sign_in = Patch::new().set("user", value.clone());
    let call = async || {
        let token = anonymous.lock().unwrap().clone();
        store.renew_limited(&token, &sign_in, limit, now()).await.unwrap().result
    };
    let check = async |done: Option<WriteOutcome>| {
        until_idle(&observer).await;
        let token: Token = anonymous.lock().unwrap().clone();
        let is_anonymous = store.load(&token, now()).await.unwrap().is_some();
        let found = store.find_by("user", &value, &[], now()).await.unwrap().len();
        assert_eq!(found, usize::from(!is_anonymous), "{done:?}");
        assert!(done.is_none() || !is_anonymous);
        store.clear().await.unwrap();
        let next = store.create(&record(), now()).await.unwrap();
        *anonymous.lock().unwrap() = next;
    };
    drop_at_every_await(call, check).await;
}

#[tokio::test]
async fn a_call_that_destroys_is_done_or_not_and_leaves_no_lock() {
    let (store, observer) = store_and_observer().await;
    store.create(&of_user("ada"), now()).await.unwrap();
    let value = indexed("ada");
    drop_at_every_await(
        async || store.destroy_by("user", &value, None, now()).await.unwrap(),
        async |done| {
            until_idle(&observer).await;
            let left = store.count(now()).await.unwrap();
            assert!(done.is_none() || left == 0);
            store.clear().await.unwrap();
            store.create(&of_user("ada"), now()).await.unwrap();
        },
    )
    .await;
}

#[tokio::test]
async fn a_migration_is_done_or_not() {
    let (_, observer) = store_and_observer().await;
    let tables = Mutex::new(0);
    drop_at_every_await(
        async || {
            let name = format!("session{}", tables.lock().unwrap());
            SqlStore::new(observer.clone()).table(&name).unwrap().migrate().await.unwrap();
        },
        async |_| {
            let store =
                SqlStore::new(observer.clone()).table(&format!("session{}", tables.lock().unwrap())).unwrap();
            store.migrate().await.unwrap();
            store.create(&of_user("ada"), now()).await.unwrap();
            *tables.lock().unwrap() += 1;
        },
    )
    .await;
}
