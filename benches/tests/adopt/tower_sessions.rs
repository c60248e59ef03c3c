//! Sessions of tower-sessions.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use fred::prelude::{ClientLike as _, Config, Pool};
use session::adopt::{self, Key};
use session::store::MemoryRevocations;
use session::{RedisStore, Timestamp};
use tempfile::TempDir;
use test_support::{PostgresServer, RedisServer};
use time::{Duration, OffsetDateTime};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};
use tower_sessions_cookie_store::CookieSessionManagerLayer;
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore, sqlx as old_sqlx};

use crate::site::{assert_adopted, assert_adopted_once, assert_adopts, assert_not_adopted, site, visit};

const SECRET: [u8; 64] = [7; 64];

async fn sign_in(session: Session) {
    session.insert("user_id", 7).await.unwrap();
    session.insert("cart", ["tea"]).await.unwrap();
}

/// Signs in at a site of the old library, and returns the cookie.
async fn cookie(site: Router) -> String {
    visit(&site, "/", "").await.pairs()
}

fn sign_in_site() -> Router {
    Router::new().route("/", get(sign_in))
}

async fn old_cookie(store: impl SessionStore + Clone) -> String {
    cookie(sign_in_site().layer(SessionManagerLayer::new(store))).await
}

async fn old_redis(server: &RedisServer) -> tower_sessions_redis_store::RedisStore<Pool> {
    let pool = Pool::new(Config::from_url(&server.url()).unwrap(), None, None, None, 1).unwrap();
    pool.init().await.unwrap();
    tower_sessions_redis_store::RedisStore::new(pool)
}

fn client(server: &RedisServer) -> redis::Client {
    redis::Client::open(server.url()).unwrap()
}

#[tokio::test]
async fn sessions_in_redis_are_adopted_once() {
    let server = RedisServer::start();
    let cookie = old_cookie(old_redis(&server).await).await;
    assert_adopted_once(adopt::tower_sessions::redis(client(&server)), &cookie).await;
    let id = cookie.split_once('=').unwrap().1;
    for key in server.call(&["KEYS", "*"]).texts() {
        assert!(!key.contains(id), "no key contains the old id: {key}");
    }
}

#[tokio::test]
async fn signed_and_encrypted_ids_are_adopted() {
    let server = RedisServer::start();
    let store = old_redis(&server).await;
    let (key, old_key) = (Key::from(&SECRET), tower_sessions::cookie::Key::from(&SECRET));
    let signed = SessionManagerLayer::new(store.clone()).with_name("a").with_signed(old_key.clone());
    let signed = cookie(sign_in_site().layer(signed)).await;
    let private = SessionManagerLayer::new(store).with_name("b").with_private(old_key);
    let private = cookie(sign_in_site().layer(private)).await;
    let old = |name: &str| adopt::tower_sessions::redis(client(&server)).cookie_name(name);
    assert_not_adopted(old("a").signed(Key::from(&[8; 64])), &signed).await;
    assert_not_adopted(old("b").private(Key::from(&[8; 64])), &private).await;
    assert_not_adopted(old("a"), &signed).await;
    assert_adopted(old("a").signed(key.clone()), &signed).await;
    assert_adopted(old("b").private(key), &private).await;
}

#[tokio::test]
async fn expired_sessions_and_other_keys_are_not_adopted() {
    let server = RedisServer::start();
    let layer = SessionManagerLayer::new(old_redis(&server).await);
    let layer = layer.with_expiry(Expiry::AtDateTime(OffsetDateTime::now_utc() + Duration::hours(1)));
    let cookie = cookie(sign_in_site().layer(layer)).await;
    server.call(&["SET", "AAAAAAAAAAAAAAAAAAAAAA", "not a session"]);
    for other in ["id=AAAAAAAAAAAAAAAAAAAAAA", "id=", "id=a", "id=%00", "id=BAAAAAAAAAAAAAAAAAAAAA"] {
        assert_not_adopted(adopt::tower_sessions::redis(client(&server)), other).await;
    }
    let id = cookie.split_once('=').unwrap().1;
    server.call(&["COPY", id, "AAAAAAAAAAAAAAAAAAAAAQ"]);
    assert_not_adopted(adopt::tower_sessions::redis(client(&server)), "id=AAAAAAAAAAAAAAAAAAAAAQ").await;
    assert_adopted(adopt::tower_sessions::redis(client(&server)), &cookie).await;
}

#[tokio::test]
async fn the_connection_to_redis_is_opened_again() {
    let mut server = RedisServer::with(&["--appendonly", "yes"]);
    let old = adopt::tower_sessions::redis(client(&server));
    let cookies = [old_cookie(old_redis(&server).await).await, old_cookie(old_redis(&server).await).await];
    let site = site(old);
    assert_adopts(&site, &cookies[0]).await;
    server.restart();
    // The first command may find that the old connection has ended.
    let _ = visit(&site, "/", "id=AAAAAAAAAAAAAAAAAAAAAA").await;
    assert_adopts(&site, &cookies[1]).await;
}

#[tokio::test]
async fn sessions_in_postgresql_are_adopted_once() {
    let server = PostgresServer::start();
    let url = server.url("postgres");
    let store = PostgresStore::new(old_sqlx::PgPool::connect(&url).await.unwrap());
    store.migrate().await.unwrap();
    let cookies = [old_cookie(store.clone()).await, old_cookie(store.clone()).await];
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    assert_adopted_once(adopt::tower_sessions::postgres(pool.clone()), &cookies[0]).await;

    let moved = "alter table tower_sessions.session rename to \"Old Sessions\"";
    sqlx::query(moved).execute(&pool).await.unwrap();
    let old = adopt::tower_sessions::postgres(pool).table("tower_sessions.Old Sessions");
    assert_adopted_once(old, &cookies[1]).await;
}

#[tokio::test]
async fn sessions_in_sqlite_are_adopted_once() {
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite:{}?mode=rwc", dir.path().join("sessions.db").display());
    let store = SqliteStore::new(old_sqlx::SqlitePool::connect(&url).await.unwrap());
    store.migrate().await.unwrap();
    let cookie = old_cookie(store.clone()).await;
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    assert_adopted_once(adopt::tower_sessions::sqlite(pool.clone()), &cookie).await;

    // The old application's task removes what remains of it, when its time is over.
    let over = "update tower_sessions set expiry_date = datetime(expiry_date, '-2 minutes')";
    sqlx::query(over).execute(&pool).await.unwrap();
    tower_sessions::ExpiredDeletion::delete_expired(&store).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from tower_sessions").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 0);
}

/// A list that two sites share.
fn list() -> Arc<MemoryRevocations> {
    Arc::default()
}

/// In a thousand years.
const LATER: Timestamp = Timestamp::from_millis(33_000_000_000_000);

#[tokio::test]
async fn sessions_in_cookies_are_adopted_until_a_time_and_then_remembered() {
    let old_key = tower_sessions::cookie::Key::from(&SECRET);
    let private = cookie(sign_in_site().layer(CookieSessionManagerLayer::private(old_key.clone()))).await;
    let signed = cookie(sign_in_site().layer(CookieSessionManagerLayer::signed(old_key))).await;
    let key = || Key::from(&SECRET);
    let other = || Key::from(&[8; 64]);
    let past = Timestamp::from_millis(0);
    assert_not_adopted(adopt::tower_sessions::private_cookies(other(), list(), LATER), &private).await;
    assert_not_adopted(adopt::tower_sessions::signed_cookies(other(), list(), LATER), &signed).await;
    assert_not_adopted(adopt::tower_sessions::private_cookies(key(), list(), past), &private).await;
    assert_adopted(adopt::tower_sessions::private_cookies(key(), list(), LATER), &private).await;
    assert_adopted(adopt::tower_sessions::signed_cookies(key(), list(), LATER), &signed).await;
}

#[tokio::test]
async fn which_cookies_were_adopted_can_be_remembered_in_redis() {
    let server = RedisServer::start();
    let old_key = tower_sessions::cookie::Key::from(&SECRET);
    let cookie = cookie(sign_in_site().layer(CookieSessionManagerLayer::private(old_key))).await;
    let list = RedisStore::new(server.url()).unwrap();
    let old = adopt::tower_sessions::private_cookies(Key::from(&SECRET), list, LATER);
    assert_adopted(old, &cookie).await;
    assert_eq!(server.call(&["DBSIZE"]).number(), 1);
}
