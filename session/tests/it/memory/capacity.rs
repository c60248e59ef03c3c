//! The capacity of the memory store, and eviction.

use std::sync::atomic::{AtomicBool, Ordering};

use session::MemoryStore;
use session_core::{Patch, Store, WriteOutcome};

use super::{HOUR, START, record, seconds, wait};

#[tokio::test]
async fn a_full_store_ends_the_session_nearest_to_its_deadline() {
    let store = MemoryStore::builder().capacity(100).build();
    let mut tokens = Vec::new();
    for number in 0..100_u64 {
        // Deadlines in a separate order, determined by neither age nor key.
        let deadline = seconds(1_000 + number * 37 % 100);
        tokens.push((deadline, store.create(&record(deadline), START).await.unwrap()));
    }
    assert_eq!(store.len(), 100, "a store can be filled to its capacity");
    tokens.sort_by_key(|(deadline, _)| *deadline);
    for (ended, (_, token)) in tokens.iter().enumerate() {
        assert!(store.load(token, START).await.unwrap().is_some(), "session {ended} was ended too early");
        store.create(&record(START.after(HOUR)), START).await.unwrap();
        assert_eq!(store.load(token, START).await.unwrap(), None, "session {ended} was to be ended");
        assert_eq!(store.len(), 100);
    }
}

#[tokio::test]
async fn a_full_store_ends_an_expired_session_before_a_live_one() {
    let store = MemoryStore::builder().capacity(10).build();
    let mut live = Vec::new();
    for _ in 0..9 {
        live.push(store.create(&record(seconds(100)), START).await.unwrap());
    }
    store.create(&record(seconds(50)), START).await.unwrap();
    store.create(&record(START.after(HOUR)), seconds(50)).await.unwrap();
    for token in &live {
        assert!(store.load(token, seconds(50)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn writing_to_a_full_store_ends_no_session() {
    let store = MemoryStore::builder().capacity(3).build();
    let mut token = store.create(&record(START.after(HOUR)), START).await.unwrap();
    store.create(&record(seconds(60)), START).await.unwrap();
    store.create(&record(seconds(60)), START).await.unwrap();
    for _ in 0..10 {
        assert_eq!(
            store.update(&token, &Patch::new().set("a", *b"1"), START).await.unwrap(),
            WriteOutcome::Done
        );
        let WriteOutcome::NewToken(fresh) = store.renew(&token, &Patch::new(), START).await.unwrap() else {
            panic!("a live session was not renewed")
        };
        token = fresh;
    }
    assert_eq!(store.count(START).await.unwrap(), 3);
}

#[test]
fn a_capacity_is_not_exceeded_by_concurrent_creation() {
    for capacity in [1, 2, 600, 5_000] {
        let store = MemoryStore::builder().capacity(capacity).build();
        let running = AtomicBool::new(true);
        std::thread::scope(|scope| {
            let creators: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        for number in 0..2_000 {
                            let record = record(seconds(60 + number % 7));
                            wait(store.create(&record, START)).unwrap();
                        }
                    })
                })
                .collect();
            scope.spawn(|| {
                while running.load(Ordering::Relaxed) {
                    assert!(store.len() <= capacity, "{} sessions of {capacity}", store.len());
                }
            });
            let joined: Vec<_> = creators.into_iter().map(|creator| creator.join().is_ok()).collect();
            running.store(false, Ordering::Relaxed);
            assert_eq!(joined, [true; 4]);
        });
        assert_eq!(store.len(), capacity.min(8_000));
        assert_eq!(
            wait(store.count(START)).unwrap(),
            capacity as u64,
            "the count is of sessions really held"
        );
    }
}
