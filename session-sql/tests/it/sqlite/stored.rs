//! Rows that only SQLite can hold, and the periodic sweep.

use std::time::Duration;

use session_core::{Meta, Record, Store as _, StoreError, Timestamp};
use session_sql::SqlStore;
use sqlx::AssertSqlSafe;

use super::database::{InMemory, pool_in_memory};
use crate::stored::assert_damage_is_contained;
use crate::support::{key, meta, now, of_user};

#[tokio::test]
async fn a_session_whose_handle_id_is_damaged_is_destroyed_and_not_returned() {
    assert_damage_is_contained::<InMemory>("update session set handle_id = x'00'", 1).await;
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

#[tokio::test]
async fn a_sealed_session_does_not_open_in_another_table() {
    let pool = pool_in_memory().await;
    let [shop, admin] = ["shop", "admin"].map(|table| {
        let store = SqlStore::new(pool.clone()).seal(key(1), []);
        store.table(table).unwrap()
    });
    shop.migrate().await.unwrap();
    admin.migrate().await.unwrap();
    let token = shop.create(&of_user("ada"), now()).await.unwrap();
    let columns =
        "key, handle_id, created_at, idle_deadline, idle_timeout, lifetime_deadline, remember, record";
    let copy = AssertSqlSafe(format!("insert into admin ({columns}) select {columns} from shop"));
    sqlx::raw_sql(copy).execute(&pool).await.unwrap();
    assert!(matches!(admin.load(&token, now()).await, Err(StoreError::Corrupt(_))));
    assert!(shop.load(&token, now()).await.unwrap().is_some());
}
