//! Sessions of actix-session.

use actix_session::config::CookieContentSecurity;
use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_session::{Session, SessionMiddleware};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use session::Timestamp;
use session::adopt::{self, Key};
use session::store::MemoryRevocations;
use test_support::RedisServer;

use crate::site::{assert_adopted, assert_adopted_once, assert_not_adopted, pair};

const SECRET: [u8; 64] = [7; 64];
const LATER: Timestamp = Timestamp::from_millis(33_000_000_000_000);

async fn sign_in(session: Session) -> &'static str {
    session.insert("user_id", 7).unwrap();
    session.insert("cart", ["tea"]).unwrap();
    ""
}

/// Signs in at a site of the old library, and returns the cookie.
async fn cookie(store: impl SessionStore + 'static, security: CookieContentSecurity) -> String {
    let key = actix_web::cookie::Key::from(&SECRET);
    let sessions = SessionMiddleware::builder(store, key).cookie_content_security(security).build();
    let app = init_service(App::new().wrap(sessions).route("/", web::get().to(sign_in))).await;
    let response = call_service(&app, TestRequest::get().uri("/").to_request()).await;
    let (name, value) = pair(response.headers().get("set-cookie").unwrap().to_str().unwrap());
    format!("{name}={value}")
}

fn key() -> Key {
    Key::from(&SECRET)
}

fn list() -> MemoryRevocations {
    MemoryRevocations::new()
}

#[tokio::test]
async fn sessions_in_redis_are_adopted_once() {
    let server = RedisServer::start();
    let client = || redis::Client::open(server.url()).unwrap();
    let store = RedisSessionStore::new(server.url()).await.unwrap();
    let private = cookie(store.clone(), CookieContentSecurity::Private).await;
    let signed = cookie(store, CookieContentSecurity::Signed).await;
    assert_not_adopted(adopt::actix_session::redis(client(), Key::from(&[8; 64])), &private).await;
    assert_adopted_once(adopt::actix_session::redis(client(), key()), &private).await;
    assert_adopted_once(adopt::actix_session::redis(client(), key()).signed(key()), &signed).await;
}

#[tokio::test]
async fn keys_in_redis_can_have_a_prefix() {
    let server = RedisServer::start();
    let store = RedisSessionStore::builder(server.url()).cache_keygen(|id| format!("session:{id}"));
    let cookie = cookie(store.build().await.unwrap(), CookieContentSecurity::Private).await;
    let old = || adopt::actix_session::redis(redis::Client::open(server.url()).unwrap(), key());
    assert_not_adopted(old(), &cookie).await;
    assert_adopted_once(old().prefix("session:"), &cookie).await;
}

#[tokio::test]
async fn sessions_in_cookies_are_adopted_until_a_time() {
    let private = cookie(CookieSessionStore::default(), CookieContentSecurity::Private).await;
    let signed = cookie(CookieSessionStore::default(), CookieContentSecurity::Signed).await;
    let past = Timestamp::from_millis(0);
    assert_not_adopted(adopt::actix_session::private_cookies(key(), list(), past), &private).await;
    assert_not_adopted(adopt::actix_session::signed_cookies(Key::from(&[8; 64]), list(), LATER), &signed)
        .await;
    assert_adopted(adopt::actix_session::private_cookies(key(), list(), LATER), &private).await;
    assert_adopted(adopt::actix_session::signed_cookies(key(), list(), LATER), &signed).await;
}
