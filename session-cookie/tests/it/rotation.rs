//! Key rotation without logging users out.

use session_cookie::{CookieStore, KeyRing};
use session_core::{Patch, Store, Timestamp, WriteOutcome};

use crate::support::{APP, T0, key, new_token, record, sealed};

fn store(sealing: u64, opening: &[u64]) -> CookieStore {
    let ring = KeyRing::new(key(sealing), opening.iter().map(|seed| key(*seed))).unwrap();
    CookieStore::builder(ring, APP).stateless().unwrap()
}

#[tokio::test]
async fn a_token_of_an_old_key_opens_and_is_sealed_again() {
    let old = sealed(&store(1, &[])).await;
    let rotated = store(2, &[1]);
    let found = rotated.load(&old, T0).await.unwrap().unwrap();
    assert_eq!(found, record());
    assert!(rotated.wants_rewrite(&old));

    let new = new_token(rotated.touch(&old, found.meta().idle_deadline, T0).await.unwrap());
    assert!(!rotated.wants_rewrite(&new));
    assert_eq!(
        store(2, &[]).load(&new, T0).await.unwrap(),
        Some(record()),
        "the old key is no longer needed"
    );
}

#[tokio::test]
async fn a_write_seals_with_the_current_key() {
    let old = sealed(&store(1, &[])).await;
    let new = new_token(store(2, &[1]).update(&old, &Patch::new().remove("user"), T0).await.unwrap());
    assert!(store(2, &[]).load(&new, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn a_token_of_the_current_key_is_not_sealed_again() {
    let rotated = store(2, &[1]);
    let token = sealed(&rotated).await;
    assert!(!rotated.wants_rewrite(&token));
    assert_eq!(rotated.touch(&token, Timestamp::from_millis(0), T0).await.unwrap(), WriteOutcome::Done);
}

#[tokio::test]
async fn a_key_that_left_the_ring_opens_nothing() {
    let token = sealed(&store(1, &[])).await;
    assert_eq!(store(2, &[]).load(&token, T0).await.unwrap(), None);
}

#[test]
fn an_invalid_token_needs_no_rewrite() {
    for text in ["", "AQ", "\u{fc}\u{fc}\u{fc}\u{fc}", "!!!!!!!!"] {
        assert!(!store(1, &[]).wants_rewrite(&text.into()), "{text}");
    }
}
