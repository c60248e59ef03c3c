//! What both targets share. Run one with `cargo +nightly fuzz run open_mutated`.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use session_cookie::{CookieStore, Key};
use session_core::{HandleId, Meta, Record, Timestamp};

/// The moment at which everything happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The application.
pub const APP: &str = "fuzz";

/// 64 bytes that look random and are the same in each run, so that what was found is found again.
pub fn key_bytes() -> [u8; 64] {
    let mut state = 1_u64;
    std::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
}

/// The key of these bytes.
pub fn key() -> Key {
    Key::unchecked_for_tests(&key_bytes())
}

/// A store without server state.
pub fn store() -> CookieStore {
    CookieStore::builder(key(), APP).stateless().unwrap()
}

/// A live session with one field.
pub fn record(value: &[u8]) -> Record {
    let meta = Meta {
        id: HandleId::from([7; 16]),
        created_at: NOW,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: std::time::Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    };
    Record::new(&meta, [("value", value)])
}

/// The result of a future that has nothing to wait for.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store without server state has nothing to wait for"),
    }
}
