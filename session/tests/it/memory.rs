use std::collections::HashSet;
use std::iter;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use session::{
    HandleId, MemoryStore, Meta, Patch, Record, Store, StoreError, Timestamp, Token, TokenSource, Written,
};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn record(idle_deadline: Timestamp) -> Record {
    let meta = Meta {
        id: HandleId::random().unwrap(),
        created_at: START,
        idle_deadline,
        idle_timeout: HOUR,
        lifetime_deadline: START.after(24 * HOUR),
        remember: false,
    };
    Record::new(&meta, [("name", b"ada".as_slice())])
}

fn seconds(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// Mints these tokens, the first one first, and the last one for ever.
fn minting(numbers: impl IntoIterator<Item = u8>) -> TokenSource {
    let mut numbers: Vec<u8> = numbers.into_iter().collect();
    numbers.reverse();
    let numbers = Mutex::new(numbers);
    TokenSource::from_fn(move || {
        let mut numbers = numbers.lock().unwrap();
        let number = if numbers.len() > 1 { numbers.pop() } else { numbers.last().copied() };
        Ok(numbered(number.unwrap()))
    })
}

fn numbered(number: u8) -> Token {
    Token::from_bytes(&[number; 32])
}

#[tokio::test]
async fn it_keeps_the_store_contract() {
    session_core::conformance::run(async || MemoryStore::new()).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_with_a_capacity() {
    session_core::conformance::run(async || MemoryStore::builder().capacity(5_000).build()).await;
}

#[tokio::test]
async fn a_taken_token_is_minted_anew_and_its_session_untouched() {
    let store = MemoryStore::builder().token_source(minting([1, 1, 1, 2, 1, 2, 3])).build();
    let first = record(START.after(HOUR));
    assert_eq!(store.create(&first, START).await.unwrap(), numbered(1));
    assert_eq!(store.create(&record(START.after(HOUR)), START).await.unwrap(), numbered(2));
    let renewed = store.renew(&numbered(2), &Patch::new(), START).await.unwrap();
    assert_eq!(renewed, Written::Moved(numbered(3)), "neither another session's token nor its own");
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
async fn an_expired_session_that_was_not_swept_is_not_there() {
    let store = MemoryStore::new();
    let token = store.create(&record(seconds(10)), START).await.unwrap();
    assert_eq!(store.load(&token, seconds(10)).await.unwrap(), None);
    assert_eq!(store.touch(&token, seconds(90), seconds(10)).await.unwrap(), Written::Gone);
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
        assert_eq!(store.touch(token, START.after(2 * HOUR), seconds(60)).await.unwrap(), Written::Kept);
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

#[tokio::test]
async fn a_full_store_ends_the_session_nearest_to_its_deadline() {
    let store = MemoryStore::builder().capacity(100).build();
    let mut tokens = Vec::new();
    for number in 0..100_u64 {
        // Deadlines in no order, so that neither age nor place tells them.
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
        assert_eq!(store.update(&token, &Patch::new().set("a", *b"1"), START).await.unwrap(), Written::Kept);
        let Written::Moved(fresh) = store.renew(&token, &Patch::new(), START).await.unwrap() else {
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
        store.create(&self::record(seconds(60)), START).await.unwrap();
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

/// Waits for a future on a thread that has no runtime.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
