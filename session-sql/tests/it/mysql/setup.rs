//! Creating the tables, and their names.

use session_core::{Evict, Revocations as _, SessionLimit, Store as _, StoreError};
use session_sql::SqlStore;
use tokio::task::JoinSet;

use super::database::{options, pool};
use crate::support::{count_one, indexed, now, of_user, record};

#[tokio::test(flavor = "multi_thread")]
async fn many_may_create_the_tables_at_once() {
    let options = options().await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let store = SqlStore::new(pool(options.clone()).await);
        tasks.spawn(async move { store.migrate().await });
    }
    for migrated in tasks.join_all().await {
        migrated.unwrap();
    }
    let store = SqlStore::new(pool(options).await);
    let token = store.create(&record(), now()).await.unwrap();
    store.migrate().await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_schema_can_be_created_by_the_application() {
    let pool = pool(options().await).await;
    let store = SqlStore::new(pool.clone());
    sqlx::raw_sql(sqlx::AssertSqlSafe(store.schema())).execute(&pool).await.unwrap();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn stores_with_different_tables_share_a_database_and_no_sessions() {
    let pool = pool(options().await).await;
    let named = |name: &str| SqlStore::new(pool.clone()).table(name).unwrap();
    let stores = [SqlStore::new(pool.clone()), named("order"), named("1_A")];
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
    assert_eq!(stores[1].clear().await.unwrap(), 1);
    assert_eq!(stores[0].count(now()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_schema_names_the_database() {
    let (one, other) = (options().await, options().await);
    let name = other.get_database().unwrap().to_owned();
    let store = SqlStore::new(pool(one).await).table(&format!("{name}.visit")).unwrap();
    store.migrate().await.unwrap();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let there = SqlStore::new(pool(other).await).table("visit").unwrap();
    assert!(there.load(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn without_tables_the_error_says_how_to_create_them() {
    let store = SqlStore::new(pool(options().await).await);
    for failed in [store.create(&record(), now()).await.map(drop), store.ping().await] {
        let Err(error @ StoreError::Unavailable(_)) = failed else { panic!("{failed:?}") };
        assert!(format!("{error:?}").contains("`SqlStore::migrate`"), "{error:?}");
    }
}

#[tokio::test]
async fn users_need_the_documented_privileges_and_no_others() {
    let options = options().await;
    let admin = pool(options.clone()).await;
    let database = options.get_database().unwrap();
    let user = async |name: &str, grants: &str| {
        let user = format!("{name}_{database}");
        let statements = format!("create user {user}@localhost; {grants}").replace("{user}", &user);
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&admin).await.unwrap();
        SqlStore::new(pool(options.clone().username(&user)).await)
    };
    let migrator =
        user("migrator", &format!("grant create, references on {database}.* to {{user}}@localhost")).await;
    migrator.migrate().await.unwrap();
    let grants = ["session", "session_value", "session_revocation"].map(|table| {
        format!("grant select, insert, update, delete on {database}.{table} to {{user}}@localhost")
    });
    let app = user("app", &grants.join(";")).await;
    let value = indexed("ada");
    let limit =
        SessionLimit { name: "user", value: &value, max: 1.try_into().unwrap(), on_full: Evict::Oldest };
    let token = app.create_limited(&of_user("ada"), limit, now()).await.unwrap().result.unwrap();
    let _ = app.update(&token, &count_one(), now()).await.unwrap();
    assert!(app.load(&token, now()).await.unwrap().is_some());
    assert_eq!(app.destroy_by("user", &value, None, now()).await.unwrap().len(), 1);
    app.raise([1; 32].into(), 7, now(), now()).await.unwrap();
    app.sweep(now()).await.unwrap();
}
