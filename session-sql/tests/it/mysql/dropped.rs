//! Futures that are dropped before they complete.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use session_core::{Evict, Patch, SessionLimit, Store as _, Token, TokenSource};
use session_sql::SqlStore;

use super::database::{options, pool, store};
use crate::support::{MINUTE, count_one, drop_at_every_await, indexed, now, of_user, record};

/// The limit of one user's sessions.
fn limit(value: &[u8], max: usize) -> SessionLimit<'_> {
    SessionLimit { name: "user", value, max: NonZeroUsize::new(max).unwrap(), on_full: Evict::Oldest }
}

#[tokio::test]
async fn an_update_is_done_or_not_and_leaves_no_lock() {
    let options = options().await;
    let store = store(pool(options.clone()).await).await;
    let other = SqlStore::new(pool(options).await);
    let token = store.create(&record(), now()).await.unwrap();
    let visits = Mutex::new(0);
    drop_at_every_await(
        async || store.update(&token, &count_one(), now()).await.unwrap(),
        async |done| {
            // Waits for whatever the server still does, and would wait for ever for a lock that is left.
            let _ = other.update(&token, &Patch::new().set("name", *b"eve"), now()).await.unwrap();
            let record = other.load(&token, now()).await.unwrap().unwrap();
            let after =
                record.get("visits").map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse().unwrap());
            let before: u32 = std::mem::replace(&mut *visits.lock().unwrap(), after);
            assert!(after == before + 1 || (after == before && done.is_none()), "{before} {after} {done:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_limited_renewal_leaves_one_of_both_tokens_and_no_lock() {
    let options = options().await;
    let store = store(pool(options.clone()).await).await;
    let other = SqlStore::new(pool(options).await);
    let minted = Arc::new(Mutex::new(Vec::new()));
    let source = Arc::clone(&minted);
    let store = store.token_source(TokenSource::from_fn(move || {
        let token = Token::random()?;
        source.lock().unwrap().push(token.clone());
        Ok(token)
    }));
    let value = indexed("ada");
    store.create(&of_user("ada"), now()).await.unwrap();
    let live = async || {
        let minted = minted.lock().unwrap().clone();
        let mut live = Vec::new();
        for token in minted {
            live.extend(other.load(&token, now()).await.unwrap().map(|_| token));
        }
        live
    };
    drop_at_every_await(
        async || {
            let token = live().await.remove(0);
            let patch = Patch::new().set("user", value.clone());
            store.renew_limited(&token, &patch, limit(&value, 1), now()).await.unwrap()
        },
        async |_| {
            // Takes the lock of the user, and that of each session.
            let _ = other.create_limited(&of_user("ada"), limit(&value, 2), now()).await.unwrap();
            let found = other.find_by("user", &value, &[], now()).await.unwrap();
            assert!(found.len() <= 2, "{}", found.len());
            other.destroy_by("user", &value, None, now()).await.unwrap();
            assert_eq!(live().await.len(), 0);
            store.create(&of_user("ada"), now()).await.unwrap();
        },
    )
    .await;
}

#[tokio::test]
async fn a_sign_in_evicts_and_creates_or_neither_and_leaves_no_lock() {
    let options = options().await;
    let store = store(pool(options.clone()).await).await;
    let other = SqlStore::new(pool(options).await);
    let value = indexed("ada");
    for _ in 0..2 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    drop_at_every_await(
        async || store.create_limited(&of_user("ada"), limit(&value, 2), now()).await.unwrap(),
        async |_| {
            let _ = other.create_limited(&of_user("ada"), limit(&value, 2), now()).await.unwrap();
            assert_eq!(other.count(now()).await.unwrap(), 2);
            assert_eq!(other.find_by("user", &value, &[], now()).await.unwrap().len(), 2);
        },
    )
    .await;
}

#[tokio::test]
async fn destroying_by_value_destroys_all_or_none_and_leaves_no_lock() {
    let options = options().await;
    let store = store(pool(options.clone()).await).await;
    let other = SqlStore::new(pool(options).await);
    let value = indexed("ada");
    let tokens = Mutex::new(Vec::new());
    drop_at_every_await(
        async || {
            for _ in 0..2 {
                let token = other.create(&of_user("ada"), now()).await.unwrap();
                tokens.lock().unwrap().push(token);
            }
            store.destroy_by("user", &value, None, now()).await.unwrap()
        },
        async |done| {
            let tokens = std::mem::take(&mut *tokens.lock().unwrap());
            let mut left = 0;
            for token in &tokens {
                let _ = other.touch(token, now().after(MINUTE), now()).await.unwrap();
                left += usize::from(other.load(token, now()).await.unwrap().is_some());
            }
            assert!(left == 0 || (left == tokens.len() && done.is_none()), "{left}");
            other.clear().await.unwrap();
        },
    )
    .await;
}
