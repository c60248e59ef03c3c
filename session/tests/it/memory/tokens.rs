//! Tokens of the memory store.

use std::collections::HashSet;
use std::iter;
use std::sync::Mutex;

use session::MemoryStore;
use session_core::{Patch, Store, StoreError, Token, TokenSource, WriteOutcome};

use super::{HOUR, START, minting, numbered, record};

#[tokio::test]
async fn a_taken_token_is_minted_anew_and_its_session_untouched() {
    let store = MemoryStore::builder().token_source(minting([1, 1, 1, 2, 1, 2, 3])).build();
    let first = record(START.after(HOUR));
    assert_eq!(store.create(&first, START).await.unwrap(), numbered(1));
    assert_eq!(store.create(&record(START.after(HOUR)), START).await.unwrap(), numbered(2));
    let renewed = store.renew(&numbered(2), &Patch::new(), START).await.unwrap();
    assert_eq!(renewed, WriteOutcome::NewToken(numbered(3)), "neither another session's token nor its own");
    assert_eq!(store.load(&numbered(1), START).await.unwrap(), Some(first));
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn a_source_that_repeats_itself_is_an_error_and_changes_nothing() {
    let store = MemoryStore::builder().capacity(2).token_source(minting([1])).build();
    let first = record(START.after(HOUR));
    store.create(&first, START).await.unwrap();
    for _ in 0..3 {
        let error = store.create(&record(START.after(HOUR)), START).await.unwrap_err();
        assert!(matches!(error, StoreError::NoFreeToken), "{error:?}");
        let error = store.renew(&numbered(1), &Patch::new(), START).await.unwrap_err();
        assert!(matches!(error, StoreError::NoFreeToken), "{error:?}");
    }
    assert_eq!(store.load(&numbered(1), START).await.unwrap(), Some(first));
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn without_randomness_there_is_no_session_and_no_weaker_token() {
    let broken = TokenSource::from_fn(|| Err(StoreError::Random("no entropy".into())));
    let store = MemoryStore::builder().token_source(broken).build();
    let error = store.create(&record(START.after(HOUR)), START).await.unwrap_err();
    assert!(matches!(error, StoreError::Random(_)), "{error:?}");
    assert!(store.is_empty());
}

#[tokio::test]
async fn randomness_that_fails_at_the_second_try_gives_the_place_back() {
    let tries = Mutex::new(0);
    let source = TokenSource::from_fn(move || {
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        if *tries > 2 { Err(StoreError::Random("no entropy".into())) } else { Ok(numbered(1)) }
    });
    let store = MemoryStore::builder().capacity(2).token_source(source).build();
    store.create(&record(START.after(HOUR)), START).await.unwrap();
    let error = store.create(&record(START.after(HOUR)), START).await.unwrap_err();
    assert!(matches!(error, StoreError::Random(_)), "{error:?}");
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn many_tokens_are_all_different() {
    let store = MemoryStore::new();
    let record = record(START.after(HOUR));
    for _ in 0..50_000 {
        store.create(&record, START).await.unwrap();
    }
    assert_eq!(store.len(), 50_000);
    let tokens: HashSet<String> =
        iter::repeat_with(|| Token::random().unwrap().expose().to_owned()).take(50_000).collect();
    assert_eq!(tokens.len(), 50_000);
}
