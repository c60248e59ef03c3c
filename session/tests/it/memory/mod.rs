//! The memory store.

mod capacity;
mod eviction;
mod expiry;
mod sharing;
mod tokens;

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use session::MemoryStore;
use session_core::conformance::{self, Harness};
use session_core::{HandleId, Meta, Record, Timestamp, Token, TokenSource};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn record(idle_deadline: Timestamp) -> Record {
    let meta = Meta {
        id: HandleId::random().unwrap(),
        created_at: START,
        authenticated_at: None,
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

/// Returns a source of these tokens in order, which then repeats the last one.
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

struct MemoryHarness;

impl Harness for MemoryHarness {
    type Store = MemoryStore;

    async fn make(&self) -> MemoryStore {
        MemoryStore::new()
    }

    async fn make_with_tokens(&self, tokens: TokenSource) -> Option<MemoryStore> {
        Some(MemoryStore::builder().token_source(tokens).build())
    }
}

#[tokio::test]
async fn it_keeps_the_store_contract() {
    conformance::run(MemoryHarness).await;
}

#[tokio::test]
async fn it_keeps_the_store_contract_with_a_capacity() {
    conformance::run(async || MemoryStore::builder().capacity(5_000).build()).await;
}

#[tokio::test]
async fn it_keeps_the_contract_of_a_revocation_list() {
    conformance::run_revocations(async || MemoryStore::new()).await;
}

/// Polls a future until it is ready, without an executor: the store's futures do no I/O.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
