use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use session::{MemoryStore, Patch, Store, Token, Written};

use super::{HOUR, START, minting, numbered, record, seconds, wait};

#[test]
fn no_moment_of_a_renewal_shows_both_tokens_or_neither() {
    let (old, new) = (numbered(0), numbered(1));
    for _ in 0..300 {
        let store = MemoryStore::builder().token_source(minting([0, 1])).build();
        wait(store.create(&record(START.after(HOUR)), START)).unwrap();
        let is_live = |token: &Token| wait(store.load(token, START)).unwrap().is_some();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert!(!(is_live(&new) && is_live(&old)), "both tokens are alive");
                    assert!(is_live(&old) || is_live(&new), "neither token is alive");
                }
            });
            let written = wait(store.renew(&old, &Patch::new(), START)).unwrap();
            let seen = (is_live(&old), is_live(&new));
            done.store(true, Ordering::Relaxed);
            assert_eq!(written, Written::Moved(new.clone()));
            assert_eq!(seen, (false, true));
        });
    }
}

#[test]
fn renewals_that_cross_each_other_do_not_wait_for_ever() {
    let store = MemoryStore::builder().capacity(1_000).build();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut token = wait(store.create(&record(START.after(HOUR)), START)).unwrap();
                for _ in 0..2_000 {
                    let Written::Moved(fresh) = wait(store.renew(&token, &Patch::new(), START)).unwrap()
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
async fn clones_share_their_sessions() {
    let store = MemoryStore::new();
    let token = store.clone().create(&record(START.after(HOUR)), START).await.unwrap();
    assert!(store.load(&token, START).await.unwrap().is_some());
    store.clone().destroy(&token).await.unwrap();
    assert!(store.is_empty());
}
