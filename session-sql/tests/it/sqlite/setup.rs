//! Creating the tables, and their names.

use session_core::{Store as _, StoreError};
use session_sql::{InvalidTableName, SqlStore};
use sqlx::SqlitePool;
use tokio::task::JoinSet;

use super::database::{Files, pool, pool_in_memory, store};
use crate::support::{now, of_user, record};

#[tokio::test(flavor = "multi_thread")]
async fn many_may_create_the_tables_at_once() {
    let files = Files::new();
    let file = files.next();
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let store = SqlStore::new(pool(&file).await);
        tasks.spawn(async move { store.migrate().await });
    }
    for migrated in tasks.join_all().await {
        migrated.unwrap();
    }
    let store = SqlStore::new(pool(&file).await);
    let token = store.create(&record(), now()).await.unwrap();
    store.migrate().await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_schema_can_be_created_by_the_application() {
    let pool = pool_in_memory().await;
    let store = SqlStore::new(pool.clone());
    let schema = store.schema();
    sqlx::raw_sql(sqlx::AssertSqlSafe(schema)).execute(&pool).await.unwrap();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn stores_with_different_tables_share_a_database_and_no_sessions() {
    let pool = pool_in_memory().await;
    sqlx::raw_sql("attach ':memory:' as app").execute(&pool).await.unwrap();
    let named = |name: &str| SqlStore::new(pool.clone()).table(name).unwrap();
    let stores = [SqlStore::new(pool.clone()), named("order"), named("app.session"), named("main.1_A")];
    let mut tokens = Vec::new();
    for store in &stores {
        store.migrate().await.unwrap();
        tokens.push(store.create(&of_user("ada"), now()).await.unwrap());
    }
    for (at, store) in stores.iter().enumerate() {
        for (other, token) in tokens.iter().enumerate() {
            assert_eq!(store.load(token, now()).await.unwrap().is_some(), at == other);
        }
    }
    assert_eq!(stores[2].clear().await.unwrap(), 1);
    let left: i64 =
        sqlx::query_scalar("select count(*) from app.session_value").fetch_one(&pool).await.unwrap();
    assert_eq!((left, stores[0].count(now()).await.unwrap()), (0, 1));
}

#[tokio::test]
async fn names_of_tables_are_checked() {
    let store = SqlStore::new(SqlitePool::connect_lazy("sqlite::memory:").unwrap());
    let long = "a".repeat(41);
    for name in ["", ".", "a.", ".a", "a.b.c", "a b", "a-b", "sess\"ion", "x;drop table y", "ä", &long] {
        assert_eq!(store.clone().table(name).map(drop), Err(InvalidTableName), "{name}");
    }
    let store = store.table("app.session").unwrap();
    assert_eq!(format!("{store:?}"), "SqlStore { table: \"app.session\", .. }");
}

#[tokio::test]
async fn foreign_rows_in_the_same_file_are_left_alone() {
    let pool = pool_in_memory().await;
    let store = store(pool.clone()).await;
    sqlx::raw_sql("create table customer (id integer); insert into customer values (7)")
        .execute(&pool)
        .await
        .unwrap();
    store.create(&record(), now()).await.unwrap();
    store.clear().await.unwrap();
    let customers: i64 = sqlx::query_scalar("select id from customer").fetch_one(&pool).await.unwrap();
    assert_eq!(customers, 7);
    assert!(matches!(store.ping().await, Ok::<_, StoreError>(())));
}
