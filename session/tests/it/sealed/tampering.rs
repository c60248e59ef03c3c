//! Tampered and foreign cookies are treated as no session, indistinguishable for the client.

use std::sync::Arc;

use http::HeaderValue;
use session::{CookieStore, Token};

use crate::sealed::site::{FailingRevocations, Sealed, key, revocable, sealing, stateless};
use crate::support::handlers::{destroy, idle, read, renew, write};
use crate::support::{Browser, Reply, Session, Verb, seconds};

/// Returns a visitor whose session cookie has this value, which need not be text; `None` if it is not a valid header.
fn with_token(value: &[u8]) -> Option<Browser> {
    let mut browser = Browser::new();
    let line = [b"__Host-session=", value].concat();
    browser.headers.insert("cookie", HeaderValue::from_bytes(&line).ok()?);
    Some(browser)
}

/// Status 200, an empty session, no cookie, no error.
async fn is_refused(site: &Sealed, browser: &Browser) -> bool {
    let look = |session: Session| async move { format!("{} {}", session.is_new(), session.data.name()) };
    let reply = site.visit_as(browser, look).await;
    reply.status == 200
        && reply.body == "true nobody"
        && !reply.has_set_cookie()
        && site.errors.take().is_empty()
        && site.warnings.take().is_empty()
}

#[tokio::test]
async fn every_single_flipped_bit_makes_the_session_empty() {
    let site = stateless();
    let mut value = site.ada().await.token().to_owned().into_bytes();
    assert!(!is_refused(&site, &with_token(&value).unwrap()).await, "the cookie itself is good");
    let mut sent = 0;
    for position in 0..value.len() {
        for bit in 0..8 {
            value[position] ^= 1 << bit;
            if let Some(browser) = with_token(&value) {
                assert!(is_refused(&site, &browser).await, "bit {bit} of character {position}");
                sent += 1;
            }
            value[position] ^= 1 << bit;
        }
    }
    assert!(sent > 6 * value.len(), "a header holds most of them: {sent}");
    site.calls();
}

#[tokio::test]
async fn every_truncation_makes_the_session_empty() {
    let site = stateless();
    let value = site.ada().await.token().to_owned();
    for length in 0..value.len() {
        for part in [&value[..length], &value[value.len() - length..]] {
            assert!(is_refused(&site, &with_token(part.as_bytes()).unwrap()).await, "{length} characters");
        }
    }
}

#[tokio::test]
async fn what_is_longer_or_something_else_makes_the_session_empty() {
    let site = stateless();
    let value = site.ada().await.token().to_owned();
    for extra in ["A", "AAAA", "=", "==", ".", "%3D", "\"", &"A".repeat(64), &value] {
        for value in [format!("{value}{extra}"), format!("{extra}{value}")] {
            assert!(is_refused(&site, &with_token(value.as_bytes()).unwrap()).await, "{value}");
        }
    }
    let long = "A".repeat(10_000);
    let standard = value.replace('-', "+").replace('_', "/");
    let random = Token::random().unwrap();
    for value in [
        "",
        "null",
        "undefined",
        "{}",
        "\"\"",
        "%00",
        "!!!!",
        "a.b.c",
        ".C",
        ".CAAAAAAAA",
        "j:{\"name\":\"ada\"}",
        "\u{1f36a}",
        &long,
        &format!("+{}", &standard[1..]),
        &format!("\"{value}\""),
        random.expose(),
    ] {
        assert!(is_refused(&site, &with_token(value.as_bytes()).unwrap()).await, "{value}");
    }
}

#[tokio::test]
async fn what_does_not_open_is_never_adopted() {
    let site = stateless();
    let mut browser = Browser::with_cookie("__Host-session", "AQIDBA");
    site.visit(&mut browser, write).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
    let visits = |session: Session| async move { session.data.visits().to_string() };
    assert_eq!(site.visit(&mut browser, visits).await.body, "1");
}

/// Returns everything that a client sees, with the values of new cookies replaced by their length.
fn seen(reply: &Reply) -> String {
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            match value.split_once([';']) {
                Some((pair, attributes)) if name == "set-cookie" => {
                    format!("{name}: {} bytes;{attributes}", pair.len())
                }
                _ => format!("{name}: {value}"),
            }
        })
        .collect();
    headers.sort_unstable();
    format!("{:?} {headers:?} {:?}", reply.status, reply.body)
}

#[tokio::test]
async fn all_failures_look_like_an_unknown_token_from_outside() {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let good = site.ada().await;
    let mut revoked = site.ada().await;
    let kept = revoked.clone();
    site.visit(&mut revoked, destroy).await;
    let expired = {
        let mut browser = Browser::new();
        let start = |session: Session| async move {
            session.set_idle_timeout(seconds(10));
            session.data.set_name("ada");
        };
        site.visit(&mut browser, start).await;
        browser
    };
    site.at(100);
    let future = {
        let ahead = stateless();
        ahead.at(500);
        ahead.ada().await
    };
    let value = good.token();
    let mut failures: Vec<Browser> = vec![
        kept,
        expired,
        future,
        sealing(CookieStore::builder(key(2), "shop")).ada().await,
        sealing(CookieStore::builder(key(1), "staging")).ada().await,
        sealing(CookieStore::builder(key(1), "shop").cookie_name("id")).ada().await,
    ];
    let other = if &value[100..101] == "x" { "y" } else { "x" };
    for value in [
        "null",
        "AAAAAAAAAAAA",
        &"A".repeat(10_000),
        &value[..value.len() - 1],
        &value[..60],
        &value[1..],
        &format!("{value}AAAA"),
        &format!("{}{other}{}", &value[..100], &value[101..]),
        &format!("x{}", &value[1..]),
        &format!("{}xxxx{}", &value[..4], &value[8..]),
    ] {
        failures.push(Browser::with_cookie("__Host-session", value));
    }
    let unknown = Browser::with_cookie("__Host-session", Token::random().unwrap().expose());

    macro_rules! compare {
        ($($handler:expr),*) => { $(
            let expected = seen(&site.visit_as(&unknown, $handler).await);
            for browser in &failures {
                assert_eq!(seen(&site.visit_as(browser, $handler).await), expected, "{}", browser.token());
            }
            assert_ne!(seen(&site.visit_as(&good, read).await), expected);
        )* };
    }
    let fail = |session: Session| async move {
        session.data.set_name("eve");
        http::StatusCode::INTERNAL_SERVER_ERROR
    };
    compare!(idle, read, write, renew, fail, destroy);
    assert!(site.errors.take().is_empty());
    assert!(site.gone.take().is_empty());
}
