//! Eviction by principal, and the limit in bytes.

use session::{MemoryStore, Token};
use session_core::value::{INDEXED, PRINCIPAL};
use session_core::{Patch, Record, Store, Timestamp, WriteOutcome};

use super::{HOUR, START, record, seconds, wait};

/// The overhead that the store counts for each session.
const OVERHEAD: usize = 192;

/// Returns the record of a user's session.
fn owned(idle_deadline: Timestamp) -> Record {
    let meta = record(idle_deadline).meta();
    Record::new(&meta, [("user", [PRINCIPAL | INDEXED | 4, 7].as_slice())])
}

/// The record of a session with a value of this many bytes.
fn of_size(bytes: usize) -> Record {
    Record::new(&record(START.after(HOUR)).meta(), [("text", vec![0; bytes].as_slice())])
}

async fn is_live(store: &MemoryStore, token: &Token) -> bool {
    store.load(token, START).await.unwrap().is_some()
}

#[tokio::test]
async fn a_full_store_evicts_sessions_without_a_principal_before_any_other() {
    for capacity in [10, 1_000, 5_000] {
        let store = MemoryStore::builder().capacity(capacity).build();
        let mut users = Vec::new();
        for _ in 1..capacity {
            users.push(store.create(&owned(seconds(60)), START).await.unwrap());
        }
        let mut visitor = store.create(&record(START.after(HOUR)), START).await.unwrap();
        for _ in 0..100 {
            let next = store.create(&record(START.after(HOUR)), START).await.unwrap();
            assert!(!is_live(&store, &visitor).await, "the one visitor goes, wherever it is");
            visitor = next;
        }
        for user in &users {
            assert!(is_live(&store, user).await);
        }
        assert_eq!(store.len(), capacity);
    }
}

#[tokio::test]
async fn among_users_the_earliest_deadline_decides_and_an_expired_session_goes_before_a_visitors() {
    let store = MemoryStore::builder().capacity(3).build();
    let early = store.create(&owned(seconds(60)), START).await.unwrap();
    let late = store.create(&owned(seconds(600)), START).await.unwrap();
    let last = store.create(&owned(seconds(900)), START).await.unwrap();
    let visitor = store.create(&record(START.after(HOUR)), START).await.unwrap();
    assert!(!is_live(&store, &early).await && is_live(&store, &late).await && is_live(&store, &last).await);
    store.create(&owned(START.after(HOUR)), seconds(600)).await.unwrap();
    assert!(
        is_live(&store, &visitor).await,
        "of its hour a second has passed, the user's ten minutes are over"
    );
}

#[tokio::test]
async fn signing_in_protects_a_session_and_signing_out_ends_that() {
    let store = MemoryStore::builder().capacity(2).build();
    let first = store.create(&record(seconds(60)), START).await.unwrap();
    let second = store.create(&record(seconds(600)), START).await.unwrap();
    let sign_in = Patch::new().set("user", [PRINCIPAL | INDEXED | 4, 7]);
    assert_eq!(store.update(&first, &sign_in, START).await.unwrap(), WriteOutcome::Done);
    store.create(&owned(seconds(900)), START).await.unwrap();
    assert!(is_live(&store, &first).await && !is_live(&store, &second).await);
    let renewed = store.renew(&first, &Patch::new().remove("user"), START).await.unwrap();
    let WriteOutcome::NewToken(anonymous) = renewed else { panic!("{renewed:?}") };
    store.create(&owned(START.after(HOUR)), START).await.unwrap();
    assert!(!is_live(&store, &anonymous).await);
}

#[tokio::test]
async fn the_bytes_of_a_store_are_those_of_its_records_and_an_overhead_for_each() {
    let store = MemoryStore::new();
    let record = of_size(1_000);
    let size = |extra: usize| record.as_bytes().len() + extra + OVERHEAD;
    let token = store.create(&record, START).await.unwrap();
    let other = store.create(&record, START).await.unwrap();
    assert_eq!(store.bytes(), 2 * size(0));
    // One byte for the length of the name, one for the name, one for the length of the value, ten for the value.
    let _ = store.update(&token, &Patch::new().set("a", [0; 10]), START).await.unwrap();
    assert_eq!(store.bytes(), size(13) + size(0));
    let _ = store.touch(&token, START.after(2 * HOUR), START).await.unwrap();
    assert_eq!(store.bytes(), size(13) + size(0));
    let WriteOutcome::NewToken(token) = store.renew(&token, &Patch::new().remove("a"), START).await.unwrap()
    else {
        panic!("a live session was not renewed")
    };
    assert_eq!(store.bytes(), 2 * size(0));
    store.destroy(&other).await.unwrap();
    assert_eq!(store.bytes(), size(0));
    store.create(&super::record(seconds(1)), START).await.unwrap();
    store.sweep(seconds(2)).await.unwrap();
    assert_eq!(store.bytes(), size(0));
    store.clear().await.unwrap();
    assert_eq!(store.bytes(), 0);
    assert!(!is_live(&store, &token).await);
}

#[tokio::test]
async fn a_write_that_exceeds_the_bytes_evicts_others_and_never_the_session_that_was_written() {
    let store = MemoryStore::builder().capacity_bytes(20_000).build();
    let user = store.create(&owned(START.after(HOUR)), START).await.unwrap();
    let mut last = user.clone();
    for _ in 0..100 {
        last = store.create(&of_size(1_000), START).await.unwrap();
        assert!(store.bytes() <= 20_000);
    }
    assert!(is_live(&store, &last).await && is_live(&store, &user).await);
    let before = store.len();
    let grows = Patch::new().set("text", [0; 10_000]);
    assert_eq!(store.update(&last, &grows, START).await.unwrap(), WriteOutcome::Done);
    assert!(store.bytes() <= 20_000 && store.len() < before);
    assert!(is_live(&store, &last).await && is_live(&store, &user).await);
    let WriteOutcome::NewToken(last) =
        store.renew(&last, &Patch::new().set("more", [0; 9_000]), START).await.unwrap()
    else {
        panic!("a live session was not renewed")
    };
    assert!(is_live(&store, &last).await);
    let whole = Patch::new().set("text", vec![0; 50_000]);
    assert_eq!(store.update(&last, &whole, START).await.unwrap(), WriteOutcome::Done);
    assert_eq!(store.len(), 1, "one session may be larger than all may be together");
    assert!(is_live(&store, &last).await);
}

#[test]
fn concurrent_writes_leave_no_more_bytes_than_there_may_be_and_the_count_is_exact() {
    let store = MemoryStore::builder().capacity_bytes(200_000).build();
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let store = &store;
            scope.spawn(move || {
                let mut mine = wait(store.create(&owned(seconds(60)), START)).unwrap();
                for number in 0..500 {
                    wait(store.create(&of_size(number % 700), START)).unwrap();
                    let patch = Patch::new().set("text", vec![0; number * thread % 900]);
                    match wait(store.renew(&mine, &patch, START)).unwrap() {
                        WriteOutcome::NewToken(token) => mine = token,
                        other => panic!("a user's session gave way to a visitor's: {other:?}"),
                    }
                }
            });
        }
    });
    assert!(store.bytes() <= 200_000, "{} bytes", store.bytes());
    assert_eq!(wait(store.count(START)).unwrap(), store.len() as u64);
    let listed = wait(store.list(None, usize::MAX, START)).unwrap().records;
    let bytes: usize = listed.iter().map(|record| record.as_bytes().len() + OVERHEAD).sum();
    assert_eq!(bytes, store.bytes());
}
