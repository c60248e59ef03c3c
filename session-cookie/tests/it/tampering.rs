//! Tampered, foreign and malformed tokens are treated as no session, never as an error or a panic.

use std::time::Duration;

use proptest::prelude::*;
use session_cookie::CookieStore;
use session_core::{Patch, Store, Token, WriteOutcome};

use crate::support::{APP, T0, key, later, record_of, sealed, stateless};

async fn is_none(store: &CookieStore, text: &str) -> bool {
    let token = Token::from(text);
    store.load(&token, T0).await.unwrap().is_none()
        && store.update(&token, &Patch::new(), T0).await.unwrap() == WriteOutcome::Gone
        && store.touch(&token, later(5000), T0).await.unwrap() == WriteOutcome::Gone
        && store.renew(&token, &Patch::new(), T0).await.unwrap() == WriteOutcome::Gone
        && store.destroy(&token).await.is_ok()
}

#[tokio::test]
async fn a_token_with_any_bit_flipped_is_refused() {
    let store = stateless();
    let text = sealed(&store).await.expose().to_owned();
    let mut flipped = text.clone().into_bytes();
    for position in 0..flipped.len() {
        for bit in 0..7 {
            flipped[position] ^= 1 << bit;
            let flipped_text = String::from_utf8(flipped.clone()).unwrap();
            assert!(is_none(&store, &flipped_text).await, "bit {bit} of character {position}");
            flipped[position] ^= 1 << bit;
        }
    }
    assert!(!is_none(&store, &text).await, "the token itself opens");
}

#[tokio::test]
async fn every_truncated_or_extended_token_is_refused() {
    let store = stateless();
    let text = sealed(&store).await.expose().to_owned();
    for length in 0..text.len() {
        assert!(is_none(&store, &text[..length]).await, "the first {length} characters");
        assert!(is_none(&store, &text[text.len() - length..]).await, "the last {length} characters");
    }
    for extra in ["A", "AA", "AAA", "AAAA", "=", "==", " ", "\0", &"A".repeat(64)] {
        assert!(is_none(&store, &format!("{text}{extra}")).await, "{extra:?} appended");
        assert!(is_none(&store, &format!("{extra}{text}")).await, "{extra:?} in front");
    }
}

#[tokio::test]
async fn malformed_text_is_refused() {
    let store = stateless();
    let long = "A".repeat(10_000);
    let huge = "A".repeat(10_000_000);
    for text in
        ["", "null", "undefined", "{}", "%00", "AQ", "\u{1f36a}", "a.b.c", long.as_str(), huge.as_str()]
    {
        assert!(is_none(&store, text).await);
    }
}

#[tokio::test]
async fn each_token_has_one_spelling() {
    let store = stateless();
    let text = sealed(&store).await.expose().to_owned();
    let last = text.chars().next_back().unwrap();
    let stem = &text[..text.len() - 1];
    for other in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).filter(|char| *char != last)
    {
        assert!(is_none(&store, &format!("{stem}{other}")).await, "{other} instead of {last}");
    }
}

#[tokio::test]
async fn a_store_with_another_key_name_or_context_refuses_the_token() {
    let token = sealed(&stateless()).await;
    let builders = [
        CookieStore::builder(key(2), APP),
        CookieStore::builder(key(1), APP).cookie_name("__Host-admin"),
        CookieStore::builder(key(1), "staging"),
    ];
    for builder in builders {
        let store = builder.stateless().unwrap();
        assert!(is_none(&store, token.expose()).await, "{store:?}");
    }
}

#[tokio::test]
async fn contents_cached_by_one_store_are_not_used_by_another() {
    let (own, other) = (stateless(), CookieStore::builder(key(2), APP).stateless().unwrap());
    let token = sealed(&own).await;
    for _ in 0..2 {
        assert!(own.load(&token, T0).await.unwrap().is_some());
        assert_eq!(other.load(&token, T0).await.unwrap(), None);
        assert_eq!(other.update(&token, &Patch::new(), T0).await.unwrap(), WriteOutcome::Gone);
        assert_eq!(own.load(&token, later(100_000)).await.unwrap(), None, "deadlines are checked each time");
    }
}

#[tokio::test]
async fn the_boundary_between_name_and_context_is_authenticated() {
    let seal = CookieStore::builder(key(1), "c").cookie_name("ab").stateless().unwrap();
    let open = CookieStore::builder(key(1), "bc").cookie_name("a").stateless().unwrap();
    assert!(is_none(&open, sealed(&seal).await.expose()).await);
}

#[tokio::test]
async fn a_token_longer_than_this_store_makes_is_refused() {
    let wide = CookieStore::builder(key(1), APP).chunked(3).stateless().unwrap();
    let token = wide.create(&record_of(6000), T0).await.unwrap();
    assert!(wide.load(&token, T0).await.unwrap().is_some());
    assert!(is_none(&stateless(), token.expose()).await);
}

#[tokio::test]
async fn a_replay_after_the_deadline_is_refused() {
    let store = stateless();
    let token = sealed(&store).await;
    assert_eq!(store.load(&token, later(1800).after(Duration::from_secs(60))).await.unwrap(), None);
}

proptest! {
    #[test]
    fn arbitrary_base64url_is_refused(text in "[A-Za-z0-9_-]{0,600}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert!(runtime.block_on(is_none(&stateless(), &text)));
    }
}
