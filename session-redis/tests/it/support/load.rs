//! Writers that continue through a fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use session_core::{Store, StoreError, Token, WriteOutcome};
use session_redis::RedisStore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{count_one, eventually, now, visits};

const WRITERS: usize = 8;
/// Additions before and after the fault.
const ENOUGH: u64 = 200;

#[derive(Default)]
struct Tally {
    acknowledged: AtomicU64,
    failed: AtomicU64,
    stop: AtomicBool,
}

/// Adds to the counter of one session while `fault` happens, until additions succeed again. Returns how many failed.
///
/// No addition that was acknowledged may be missing, none may count twice, and the session is never gone.
pub(crate) async fn under_load(store: &RedisStore, token: &Token, fault: impl AsyncFnOnce()) -> u64 {
    let before = visits(store, token).await;
    let tally = Arc::new(Tally::default());
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(store.clone(), token.clone(), Arc::clone(&tally)));
    }
    let reaches = async |goal: u64| {
        eventually(async || (tally.acknowledged.load(Ordering::SeqCst) >= goal).then_some(())).await;
    };
    reaches(ENOUGH).await;
    fault().await;
    reaches(tally.acknowledged.load(Ordering::SeqCst) + ENOUGH).await;
    tally.stop.store(true, Ordering::SeqCst);
    writers.join_all().await;

    let (acknowledged, failed) =
        (tally.acknowledged.load(Ordering::SeqCst), tally.failed.load(Ordering::SeqCst));
    let seen = visits(store, token).await - before;
    assert!(seen >= acknowledged, "{seen} additions are there, {acknowledged} were acknowledged");
    assert!(seen <= acknowledged + failed, "{seen} of {acknowledged} and {failed}: some counted twice");
    failed
}

async fn write(store: RedisStore, token: Token, tally: Arc<Tally>) {
    while !tally.stop.load(Ordering::SeqCst) {
        match store.update(&token, &count_one(), now()).await {
            Ok(WriteOutcome::Done) => {
                tally.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Err(StoreError::Unavailable(_) | StoreError::Timeout) => {
                tally.failed.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(5)).await;
            }
            other => panic!("the session is there, and yet: {other:?}"),
        }
    }
}
