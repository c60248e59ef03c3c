//! Reasons for refusing a cookie.

use std::time::Duration;

use session_cookie::CookieStore;
use session_core::{Patch, Refusal, Store, Timestamp};

use crate::revocation::nodes;
use crate::support::{APP, T0, key, later, new_token, sealed, stateless};

/// Returns the reason why a store refuses a text.
async fn refusal(store: &CookieStore, text: &str, now: Timestamp) -> Refusal {
    let token = text.into();
    assert_eq!(store.load(&token, now).await.unwrap(), None);
    store.refusal(&token, now).await
}

#[tokio::test]
async fn text_that_is_no_sealed_cookie_is_malformed() {
    let store = stateless();
    for text in ["", "!", "AgICAgIC", &"A".repeat(10_000)] {
        assert_eq!(refusal(&store, text, T0).await, Refusal::Malformed);
    }
}

#[tokio::test]
async fn a_cookie_with_a_flipped_bit_is_tampered_with() {
    let store = stateless();
    let text = sealed(&store).await.expose().to_owned();
    // The version comes first, then the id of the key, the nonce and the seal.
    for position in 8..text.len() - 1 {
        let other = if text.as_bytes()[position] == b'A' { "B" } else { "A" };
        let flipped = [&text[..position], other, &text[position + 1..]].concat();
        assert_eq!(refusal(&store, &flipped, T0).await, Refusal::Tampered, "character {position}");
    }
}

#[tokio::test]
async fn a_cookie_of_another_key_or_application_is_tampered_with() {
    let text = sealed(&stateless()).await.expose().to_owned();
    let others = [CookieStore::builder(key(2), APP), CookieStore::builder(key(1), "other")];
    for other in others.map(|builder| builder.stateless().unwrap()) {
        assert_eq!(refusal(&other, &text, T0).await, Refusal::Tampered);
    }
}

#[tokio::test]
async fn an_expired_cookie_is_expired_only_if_it_is_authentic() {
    let store = stateless();
    let text = sealed(&store).await.expose().to_owned();
    assert_eq!(refusal(&store, &text, later(1800)).await, Refusal::Expired);
    let tampered = [&text[..100], &text[104..]].concat();
    assert_eq!(refusal(&store, &tampered, later(1800)).await, Refusal::Tampered);
}

#[tokio::test]
async fn the_cookies_of_a_destroyed_or_renewed_session_are_revoked() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let old = sealed(&a).await;
    let new = new_token(a.renew(&old, &Patch::new(), T0).await.unwrap());
    assert_eq!(refusal(&b, old.expose(), T0).await, Refusal::Revoked);
    a.destroy(&new).await.unwrap();
    assert_eq!(refusal(&b, new.expose(), T0).await, Refusal::Revoked);
    assert_eq!(refusal(&b, new.expose(), later(1800)).await, Refusal::Expired);
}
