//! Sessions in cookies, and the list of those that were adopted.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_adopt::{Found, Key, OldSessions, OldStore, actix_session, tower_sessions};
use session_core::{MemoryRevocations, Timestamp, Token};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn after(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

fn key() -> Key {
    Key::from(&[7; 64])
}

async fn is_found(old: &OldStore, id: &str, now: Timestamp) -> bool {
    matches!(old.find(id, now).await.unwrap(), Some(Found::Session(_)))
}

async fn is_replaced(old: &OldStore, id: &str, now: Timestamp) -> bool {
    old.replace(id, &Token::random().unwrap(), now).await.unwrap()
}

const CART: &str = r#"{"cart": "[\"tea\"]"}"#;

#[tokio::test]
async fn a_cookie_is_adopted_for_ten_seconds_and_never_again() {
    let old = actix_session::private_cookies(key(), MemoryRevocations::new(), after(1000));
    assert!(is_found(&old, CART, after(0)).await);
    assert!(is_replaced(&old, CART, after(0)).await);
    assert!(is_found(&old, CART, after(9)).await);
    assert!(is_replaced(&old, CART, after(9)).await);
    for later in [10, 999, 1000, 1_000_000] {
        assert!(!is_found(&old, CART, after(later)).await, "after {later} s");
        assert!(!is_replaced(&old, CART, after(later)).await, "after {later} s");
    }
}

#[tokio::test]
async fn no_cookie_is_adopted_from_the_given_time_on() {
    let old = actix_session::signed_cookies(key(), MemoryRevocations::new(), after(1000));
    assert!(is_found(&old, CART, after(999)).await);
    assert!(!is_found(&old, CART, after(1000)).await);
    assert!(!is_replaced(&old, CART, after(1000)).await);
}

/// A cookie of tower-sessions, which expires on the second day of 2026.
fn record(id: i128, data: &str) -> String {
    let time = "[2026, 2, 0, 0, 0, 0, 0, 0, 0]";
    URL_SAFE_NO_PAD
        .encode(format!(r#"{{"v": 1, "record": {{"id": {id}, "data": {data}, "expiry_date": {time}}}}}"#))
}

#[tokio::test]
async fn cookies_of_one_session_of_tower_sessions_are_adopted_together() {
    let old = tower_sessions::private_cookies(key(), MemoryRevocations::new(), after(1_000_000));
    let (earlier, later) = (record(-5, "{}"), record(-5, r#"{"a": 1}"#));
    assert!(is_replaced(&old, &later, after(0)).await);
    assert!(!is_found(&old, &earlier, after(10)).await);
    assert!(is_found(&old, &record(6, "{}"), after(10)).await);
}

#[tokio::test]
async fn an_expired_cookie_of_tower_sessions_is_not_adopted() {
    let old = tower_sessions::signed_cookies(key(), MemoryRevocations::new(), after(1_000_000));
    let cookie = record(5, "{}");
    let day = 24 * 60 * 60;
    assert!(is_found(&old, &cookie, after(day - 1)).await);
    assert!(!is_found(&old, &cookie, after(day)).await);
}

#[tokio::test]
async fn what_is_no_session_is_corrupt_and_never_a_panic() {
    let list = MemoryRevocations::new;
    let cookies = [
        tower_sessions::private_cookies(key(), list(), after(1000)),
        actix_session::private_cookies(key(), list(), after(1000)),
    ];
    let texts =
        ["", "a", "[]", "{", "\0", r#"{"a": 1}"#, r#"{"a": "not JSON"}"#, "eyJ2IjoyfQ", &"[".repeat(100_000)];
    for old in &cookies {
        for text in texts {
            let error = old.find(text, NOW).await.unwrap_err();
            assert!(matches!(error, session_core::StoreError::Corrupt(_)), "{error}");
        }
    }
}
