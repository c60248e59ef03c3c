//! Rows that only SQLite can hold, and the periodic sweep.

use std::time::Duration;

use session_core::{Meta, Record, Store as _, Timestamp};
use session_sql::SqlStore;

use super::database::{InMemory, pool_in_memory};
use crate::stored::assert_damage_is_contained;
use crate::support::meta;

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
