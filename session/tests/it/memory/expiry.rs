//! Removal of expired sessions from the memory store.

use session::MemoryStore;
use session_core::{Patch, Store, WriteOutcome};

use super::{HOUR, START, record, seconds};

#[tokio::test]
async fn an_expired_session_that_was_not_swept_is_not_there() {
    let store = MemoryStore::new();
    let token = store.create(&record(seconds(10)), START).await.unwrap();
    assert_eq!(store.load(&token, seconds(10)).await.unwrap(), None);
    assert_eq!(store.touch(&token, seconds(90), seconds(10)).await.unwrap(), WriteOutcome::Gone);
    assert_eq!(store.count(seconds(10)).await.unwrap(), 0);
    assert_eq!(store.len(), 1, "its bytes are still held");
}

#[tokio::test]
async fn a_hundred_thousand_abandoned_sessions_are_swept() {
    let store = MemoryStore::new();
    for number in 0..100_000 {
        store.create(&record(seconds(60 + number % 60)), START).await.unwrap();
    }
    let live = store.create(&record(seconds(500)), START).await.unwrap();
    assert_eq!(store.sweep(seconds(60)).await.unwrap(), 100_000_u64.div_ceil(60));
    assert_eq!(store.sweep(seconds(120)).await.unwrap(), 100_000 - 100_000_u64.div_ceil(60));
    assert_eq!(store.len(), 1);
    assert!(store.load(&live, seconds(120)).await.unwrap().is_some());
    assert_eq!(store.sweep(seconds(500)).await.unwrap(), 1);
    assert!(store.is_empty());
}

#[tokio::test]
async fn expired_sessions_leave_as_others_come() {
    let store = MemoryStore::new();
    for _ in 0..20_000 {
        store.create(&record(seconds(60)), START).await.unwrap();
    }
    for _ in 0..8_000 {
        store.create(&record(START.after(HOUR)), seconds(60)).await.unwrap();
    }
    assert_eq!(store.len(), 8_000, "a fraction as many calls remove all that expired");
}

#[tokio::test]
async fn expired_sessions_leave_as_others_are_used() {
    let store = MemoryStore::new();
    let mut used = Vec::new();
    for _ in 0..1_000 {
        used.push(store.create(&record(START.after(HOUR)), START).await.unwrap());
        store.create(&record(seconds(60)), START).await.unwrap();
    }
    for token in &used {
        assert_eq!(store.touch(token, START.after(2 * HOUR), seconds(60)).await.unwrap(), WriteOutcome::Done);
    }
    assert_eq!(store.len(), 1_000);
}

#[tokio::test]
async fn no_call_removes_more_than_a_few_expired_sessions() {
    let store = MemoryStore::new();
    for _ in 0..2_000 {
        store.create(&record(seconds(60)), START).await.unwrap();
    }
    let live = store.create(&record(START.after(HOUR)), START).await.unwrap();
    let mut before = store.len();
    for _ in 0..100 {
        let _ = store.update(&live, &Patch::new(), seconds(60)).await.unwrap();
        assert!(before - store.len() <= 8, "{before} sessions became {}", store.len());
        before = store.len();
    }
}
