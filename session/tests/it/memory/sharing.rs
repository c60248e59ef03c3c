//! Concurrent use of the memory store, and lists.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

use session::MemoryStore;
use session_core::{Patch, Store, Token, TokenSource, WriteOutcome};

use super::{HOUR, START, record, seconds, wait};

#[test]
fn no_moment_of_a_renewal_shows_both_tokens_or_neither() {
    const RENEWALS: u32 = 20_000;
    let nth = |number: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Token::from_bytes(&bytes)
    };
    let minted = AtomicU32::new(0);
    let source = TokenSource::from_fn(move || Ok(nth(minted.fetch_add(1, Ordering::Relaxed))));
    let store = MemoryStore::builder().token_source(source).build();
    wait(store.create(&record(START.after(HOUR)), START)).unwrap();

    let is_live = |token: &Token| wait(store.load(token, START)).unwrap().is_some();
    let current = AtomicU32::new(0);
    std::thread::scope(|scope| {
        let renewing = scope.spawn(|| {
            for number in 0..RENEWALS {
                let written = wait(store.renew(&nth(number), &Patch::new(), START)).unwrap();
                assert_eq!(written, WriteOutcome::NewToken(nth(number + 1)));
                current.store(number + 1, Ordering::SeqCst);
            }
        });
        while !renewing.is_finished() {
            let number = current.load(Ordering::SeqCst);
            let (old, new) = (nth(number), nth(number + 1));
            let seen = is_live(&old) || is_live(&new);
            // After the next renewal, `new` may be invalid as well.
            assert!(seen || current.load(Ordering::SeqCst) != number, "neither token is alive");
            assert!(!(is_live(&new) && is_live(&old)), "both tokens are alive");
        }
    });
}

#[test]
fn renewals_that_cross_each_other_do_not_wait_for_ever() {
    let store = MemoryStore::builder().capacity(1_000).build();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut token = wait(store.create(&record(START.after(HOUR)), START)).unwrap();
                for _ in 0..2_000 {
                    let WriteOutcome::NewToken(fresh) =
                        wait(store.renew(&token, &Patch::new(), START)).unwrap()
                    else {
                        panic!("a live session was not renewed")
                    };
                    token = fresh;
                }
            });
        }
    });
    assert_eq!(store.len(), 4);
}

#[tokio::test]
async fn steady_sessions_are_listed_once_each_in_pages_of_any_size() {
    let store = MemoryStore::new();
    let mut ids = HashSet::new();
    for _ in 0..500 {
        let record = record(START.after(HOUR));
        ids.insert(record.meta().id);
        store.create(&record, START).await.unwrap();
        store.create(&super::record(seconds(60)), START).await.unwrap();
    }
    for limit in [0, 1, 7, 499, 500, usize::MAX] {
        let mut listed = Vec::new();
        let mut page = store.list(None, limit, seconds(60)).await.unwrap();
        loop {
            assert!(page.records.len() <= limit.max(1));
            listed.extend(page.records.iter().map(|record| record.meta().id));
            let Some(next) = page.next else { break };
            page = store.list(Some(&next), limit, seconds(60)).await.unwrap();
        }
        assert_eq!(listed.len(), 500, "pages of {limit}");
        assert_eq!(listed.into_iter().collect::<HashSet<_>>(), ids);
    }
}

#[tokio::test]
async fn a_list_ends_though_many_more_come_than_a_page_holds() {
    let store = MemoryStore::new();
    let mut ids = HashSet::new();
    for _ in 0..50 {
        let record = record(START.after(HOUR));
        ids.insert(record.meta().id);
        store.create(&record, START).await.unwrap();
    }
    let (mut listed, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.list(after.as_ref(), 1, START).await.unwrap();
        listed.extend(page.records.iter().map(|record| record.meta().id));
        pages += 1;
        assert!(pages <= 51, "a list without an end");
        after = page.next;
        if after.is_none() {
            break;
        }
        for _ in 0..100 {
            store.create(&record(START.after(HOUR)), START).await.unwrap();
        }
    }
    assert_eq!(listed.len(), 50);
    assert_eq!(listed.into_iter().collect::<HashSet<_>>(), ids);
}

#[tokio::test]
async fn clones_share_their_sessions() {
    let store = MemoryStore::new();
    let token = store.clone().create(&record(START.after(HOUR)), START).await.unwrap();
    assert!(store.load(&token, START).await.unwrap().is_some());
    store.clone().destroy(&token).await.unwrap();
    assert!(store.is_empty());
}
