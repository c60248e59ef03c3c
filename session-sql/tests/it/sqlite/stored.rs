//! Rows that only SQLite can hold, and tables of sealed sessions.

use session_core::{Store as _, StoreError};
use session_sql::SqlStore;
use sqlx::AssertSqlSafe;

use super::database::{InMemory, pool_in_memory};
use crate::stored::assert_damage_is_contained;
use crate::support::{key, now, of_user};

#[tokio::test]
async fn a_session_whose_handle_id_is_damaged_is_destroyed_and_not_returned() {
    assert_damage_is_contained::<InMemory>("update session set handle_id = x'00'", 1).await;
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
