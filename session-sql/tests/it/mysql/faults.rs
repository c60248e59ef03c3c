//! A pool without free connections, servers that refuse or end a connection.

use std::time::Duration;

use session_core::{Patch, Store as _, StoreError, Token, TokenSource, WriteOutcome};
use session_sql::SqlStore;
use sqlx::mysql::{MySqlPoolOptions, MySqlSslMode};
use sqlx::{AssertSqlSafe, MySqlPool};

use super::database::{directly, options, options_through, pool, store};
use crate::support::{count_one, now, of_user, outage, record};

#[tokio::test]
async fn without_a_free_connection_calls_fail_and_work_again_with_one() {
    let (options, proxy) = options_through().await;
    let observer = pool(directly(options.clone())).await;
    let own = MySqlPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(1));
    let pool = own.test_before_acquire(false).connect_lazy_with(options);
    let store = SqlStore::new(pool.clone());
    // On a busy machine the first connection takes longer than a second.
    while store.migrate().await.is_err() {}
    let token = store.create(&record(), now()).await.unwrap();
    let mut lock = observer.begin().await.unwrap();
    sqlx::query("select id from session for update").fetch_all(&mut *lock).await.unwrap();
    proxy.take_passed();
    let (writer, written) = (store.clone(), token.clone());
    let waiting = tokio::spawn(async move { writer.update(&written, &count_one(), now()).await });
    while proxy.take_passed() == 0 {
        tokio::task::yield_now().await;
    }
    for text in [
        outage(store.load(&token, now()).await),
        outage(store.update(&token, &Patch::new().set("name", *b"eve"), now()).await),
        outage(store.destroy(&token).await),
        outage(store.sweep(now()).await),
    ] {
        assert!(text.contains("no connection of the pool became free"), "{text}");
    }
    lock.rollback().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), WriteOutcome::Done);
    let record = store.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(record.get("visits"), Some(b"\x031".as_slice()));
    assert_eq!(record.get("name"), Some(b"\x01lovelace".as_slice()));
    pool.close().await;
    assert!(outage(store.load(&token, now()).await).contains("the pool is closed"));
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_an_outage_that_shows_no_password() {
    let url = "mysql://user:secret@127.0.0.1:1/database";
    let pool = MySqlPoolOptions::new().acquire_timeout(Duration::from_secs(1)).connect_lazy(url).unwrap();
    let store = SqlStore::new(pool);
    for text in [outage(store.ping().await), outage(store.create(&record(), now()).await.map(drop))] {
        assert!(!text.contains("secret"), "{text}");
    }
    assert!(!format!("{store:?}").contains("secret"));
}

async fn execute(pool: &MySqlPool, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(pool).await.unwrap();
}

#[tokio::test]
async fn a_user_who_may_not_write_gets_an_outage_for_writes_alone_that_shows_no_value() {
    let options = options().await;
    let admin = pool(options.clone()).await;
    let writer = store(admin.clone()).await;
    let token = writer.create(&of_user("ada"), now()).await.unwrap();
    let database = options.get_database().unwrap();
    let user = format!("reader_{database}");
    execute(
        &admin,
        format!("create user {user}@localhost; grant select on {database}.* to {user}@localhost"),
    )
    .await;
    let reader = SqlStore::new(pool(options.clone().username(&user)).await);
    assert!(reader.load(&token, now()).await.unwrap().is_some());
    for text in [
        outage(reader.create(&of_user("secret value"), now()).await.map(drop)),
        outage(reader.update(&token, &Patch::new().set("name", *b"secret value"), now()).await),
        outage(reader.destroy(&token).await),
    ] {
        assert!(text.contains("the error 1142") && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ends_during_a_write_leaves_the_outcome_open() {
    let (options, proxy) = options_through().await;
    let observer = pool(directly(options.clone())).await;
    let own = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
    let token = Token::random().unwrap();
    let minted = token.clone();
    let store = store(own.connect_with(options).await.unwrap()).await;
    let store = store.token_source(TokenSource::from_fn(move || Ok(minted.clone())));
    // Creating the session waits for this transaction.
    let mut lock = observer.begin().await.unwrap();
    let insert =
        "insert into session (`key`, handle_id, created_at, idle_deadline, idle_timeout, lifetime_deadline,
        remember, record) values (?, x'00', 1, 1, 1, 1, 0, x'00')";
    let key = token.store_key().unwrap();
    sqlx::query(insert).bind(&key.as_bytes()[..]).execute(&mut *lock).await.unwrap();
    proxy.take_passed();
    let writer = store.clone();
    let creating = tokio::spawn(async move { writer.create(&record(), now()).await });
    while proxy.take_passed() == 0 {
        tokio::task::yield_now().await;
    }
    let writing = "select cast(id as unsigned) from information_schema.processlist
        where db = database() and info like 'insert%'";
    let id = loop {
        if let Some(id) = sqlx::query_scalar::<_, u64>(writing).fetch_optional(&observer).await.unwrap() {
            break id;
        }
    };
    execute(&observer, format!("kill {id}")).await;
    assert!(matches!(creating.await.unwrap(), Err(StoreError::Timeout)));
    lock.rollback().await.unwrap();
    assert_eq!(store.load(&token, now()).await.unwrap(), None);
    assert_eq!(store.create(&record(), now()).await.unwrap(), token);
}

#[tokio::test]
async fn the_authentication_of_mysql_without_tls_says_what_it_requires() {
    let options = options().await;
    let admin = pool(options.clone()).await;
    let user = format!("app_{}", options.get_database().unwrap());
    let create = format!("create user {user}@localhost identified with caching_sha2_password by 'a secret'");
    if sqlx::raw_sql(AssertSqlSafe(create)).execute(&admin).await.is_err() {
        eprintln!("skipped: this server has no caching_sha2_password");
        return;
    }
    let app = options.username(&user).password("a secret").ssl_mode(MySqlSslMode::Disabled);
    let store = SqlStore::new(MySqlPoolOptions::new().connect_lazy_with(app));
    let text = outage(store.ping().await);
    assert!(text.contains("mysql-rsa") && text.contains("TLS") && !text.contains("a secret"), "{text}");
}
