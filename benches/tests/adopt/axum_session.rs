//! Sessions of `axum_session`.

use axum::Router;
use axum::routing::get;
use axum_session::{DatabasePool, Session, SessionConfig, SessionLayer, SessionStore};
use axum_session_redispool::SessionRedisPool;
use axum_session_sqlx::SessionPgPool;
use redis_pool::RedisPool;
use session::adopt::{self, Key};
use test_support::{PostgresServer, RedisServer};

use crate::site::{assert_adopted_once, assert_not_adopted, visit};

const SECRET: [u8; 64] = [7; 64];

/// Signs in at a site of the old library, and returns the cookie.
async fn cookie<P: DatabasePool + Clone + std::fmt::Debug + Sync + Send + 'static>(
    pool: P,
    config: SessionConfig,
) -> String {
    let sign_in = |session: Session<P>| async move {
        session.set("user_id", 7);
        session.set("cart", ["tea"]);
    };
    let store = SessionStore::new(Some(pool), config).await.unwrap();
    let site = Router::new().route("/", get(sign_in)).layer(SessionLayer::new(store));
    visit(&site, "/", "").await.pairs()
}

fn key() -> Key {
    Key::from(&SECRET)
}

/// The same for the old library.
fn old_key() -> axum_session::Key {
    axum_session::Key::from(&SECRET)
}

#[tokio::test]
async fn sessions_in_postgresql_are_adopted_once() {
    let server = PostgresServer::start();
    let pool = sqlx::PgPool::connect(&server.url("postgres")).await.unwrap();
    let plain = cookie(SessionPgPool::from(pool.clone()), SessionConfig::default()).await;
    assert_adopted_once(adopt::axum_session::postgres(pool.clone()), &plain).await;

    let config = SessionConfig::default().with_table_name("visitors").with_database_key(old_key());
    let encrypted = cookie(SessionPgPool::from(pool.clone()), config).await;
    let old = || adopt::axum_session::postgres(pool.clone()).table("visitors");
    assert_not_adopted(old(), &encrypted).await;
    assert_not_adopted(old().database_key(Key::from(&[8; 64])), &encrypted).await;
    assert_adopted_once(old().database_key(key()), &encrypted).await;
}

#[tokio::test]
async fn expired_sessions_in_postgresql_are_not_adopted() {
    let server = PostgresServer::start();
    let pool = sqlx::PgPool::connect(&server.url("postgres")).await.unwrap();
    let cookie = cookie(SessionPgPool::from(pool.clone()), SessionConfig::default()).await;
    sqlx::query("update sessions set expires = 1").execute(&pool).await.unwrap();
    assert_not_adopted(adopt::axum_session::postgres(pool.clone()), &cookie).await;
    sqlx::query("update sessions set expires = null").execute(&pool).await.unwrap();
    assert_adopted_once(adopt::axum_session::postgres(pool), &cookie).await;
}

#[tokio::test]
async fn sessions_in_redis_are_adopted_once() {
    let server = RedisServer::start();
    let client = || redis::Client::open(server.url()).unwrap();
    let pool = SessionRedisPool::from(RedisPool::from(client()));
    let plain = cookie(pool.clone(), SessionConfig::default()).await;
    assert_adopted_once(adopt::axum_session::redis(client()), &plain).await;
    let without_prefix = cookie(pool, SessionConfig::default().with_table_name("")).await;
    assert_adopted_once(adopt::axum_session::redis(client()).prefix(""), &without_prefix).await;
}

#[tokio::test]
async fn signed_cookies_are_verified() {
    let server = PostgresServer::start();
    let pool = sqlx::PgPool::connect(&server.url("postgres")).await.unwrap();
    let config = SessionConfig::default().with_key(old_key());
    let for_client = cookie(SessionPgPool::from(pool.clone()), config.clone()).await;
    let for_anyone = cookie(SessionPgPool::from(pool.clone()), config.with_ip_and_user_agent(false)).await;
    let old = || adopt::axum_session::postgres(pool.clone());
    assert_not_adopted(old(), &for_client).await;
    assert_not_adopted(old().signed(key()), &for_client).await;
    assert_not_adopted(old().signed_for_client(key()), &for_anyone).await;
    assert_not_adopted(old().signed_for_client(Key::from(&[8; 64])), &for_client).await;
    assert_adopted_once(old().signed_for_client(key()), &for_client).await;
    assert_adopted_once(old().signed(key()), &for_anyone).await;
}
