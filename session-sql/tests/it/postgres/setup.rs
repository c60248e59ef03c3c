//! Creating the tables, and where they are.

use session_core::{Revocations as _, Store as _};
use session_sql::SqlStore;
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::database::{database, pool, store};
use crate::support::{indexed, now, of_user, outage, record};

async fn execute(pool: &PgPool, statements: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_create_the_tables_at_once() {
    let pool = pool(database().await).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let store = SqlStore::new(pool.clone());
        tasks.spawn(async move { store.migrate().await });
    }
    for migrated in tasks.join_all().await {
        migrated.unwrap();
    }
    let store = SqlStore::new(pool);
    let token = store.create(&record(), now()).await.unwrap();
    store.migrate().await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_schema_can_be_created_by_the_application() {
    let pool = pool(database().await).await;
    let store = SqlStore::new(pool.clone());
    execute(&pool, &store.schema()).await;
    execute(&pool, &store.schema()).await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn once_the_tables_exist_a_migration_waits_for_no_request_and_needs_no_permission() {
    let options = database().await;
    let pool = pool(options.clone()).await;
    let store = store(pool.clone()).await;
    store.create(&record(), now()).await.unwrap();
    let user = format!("app_{}", options.get_database().unwrap());
    execute(
        &pool,
        &format!(
            "create role {user} login; grant select, insert, update, delete on session, session_value, session_revocation to {user};
            revoke create on schema public from public"
        ),
    )
    .await;
    let mut writer = pool.begin().await.unwrap();
    sqlx::query("update session set remember = true").execute(&mut *writer).await.unwrap();
    let app = SqlStore::new(super::database::pool(options.username(&user)).await);
    app.migrate().await.unwrap();
    writer.commit().await.unwrap();
    let token = app.create(&of_user("ada"), now()).await.unwrap();
    assert!(app.load(&token, now()).await.unwrap().is_some());
    assert_eq!(app.destroy_by("user", &indexed("ada"), None, now()).await.unwrap().len(), 1);
    app.raise([1; 32].into(), 7, now(), now()).await.unwrap();
    app.sweep(now()).await.unwrap();
    let other = app.table("other").unwrap();
    let text = outage(other.migrate().await);
    assert!(text.contains("42501"), "{text}");
}

#[tokio::test]
async fn stores_with_different_tables_share_a_database_and_no_sessions() {
    let pool = pool(database().await).await;
    execute(&pool, "create schema app; create table customer (id integer); insert into customer values (7)")
        .await;
    let named = |name: &str| SqlStore::new(pool.clone()).table(name).unwrap();
    let stores = [SqlStore::new(pool.clone()), named("order"), named("app.session"), named("public.1_A")];
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
    assert_eq!(sqlx::query_scalar::<_, i32>("select id from customer").fetch_one(&pool).await.unwrap(), 7);
}

#[tokio::test]
async fn any_encoding_of_the_database_and_any_setting_of_literals_will_do() {
    let options = database().await;
    let admin = pool(options.clone()).await;
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let name = format!("{}_{}", options.get_database().unwrap(), encoding.to_lowercase());
        execute(&admin, &format!("create database {name} encoding '{encoding}' template template0")).await;
        let settings = [("standard_conforming_strings", "off"), ("bytea_output", "escape")];
        let store = store(pool(options.clone().database(&name).options(settings)).await).await;
        session_core::conformance::run_stateless(async || {
            store.clear().await.unwrap();
            store.clone()
        })
        .await;
    }
}
