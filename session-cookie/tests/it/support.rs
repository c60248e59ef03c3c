//! Shared keys, records and stores of the tests.

use std::sync::LazyLock;
use std::time::Duration;

use hkdf::Hkdf;
use session_cookie::{CookieStore, Key};
use session_core::{HandleId, Meta, Record, Store, Timestamp, Token, WriteOutcome};
use sha2::Sha256;

pub(crate) const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(crate) fn later(seconds: u64) -> Timestamp {
    T0.after(Duration::from_secs(seconds))
}

/// The context of the stores under test.
pub(crate) const APP: &str = "shop";

/// Returns 64 random bytes for each seed, different in each run.
pub(crate) fn key_bytes(seed: u64) -> [u8; 64] {
    static SECRET: LazyLock<[u8; 32]> = LazyLock::new(|| {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).unwrap();
        secret
    });
    let mut bytes = [0; 64];
    Hkdf::<Sha256>::new(None, &SECRET[..]).expand(&seed.to_le_bytes(), &mut bytes).unwrap();
    bytes
}

/// Returns the bytes 0, 1, 2 and so on.
pub(crate) fn counting<const N: usize>() -> [u8; N] {
    let mut next = 0..=u8::MAX;
    std::array::from_fn(|_| next.next().unwrap())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Decodes hex, ignoring everything between the digits.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|char| char.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

pub(crate) fn key(seed: u64) -> Key {
    Key::from_bytes(key_bytes(seed)).unwrap()
}

pub(crate) fn stateless() -> CookieStore {
    CookieStore::builder(key(1), APP).stateless().unwrap()
}

/// A session created at `T0`, idle timeout half an hour, lifetime one day.
pub(crate) fn meta() -> Meta {
    Meta {
        id: HandleId::from([7; 16]),
        created_at: T0,
        authenticated_at: None,
        idle_deadline: later(1800),
        idle_timeout: Duration::from_secs(1800),
        lifetime_deadline: later(86_400),
        remember: false,
    }
}

pub(crate) fn record() -> Record {
    Record::new(&meta(), [("user", b"ada".as_slice()), ("theme", b"dark")])
}

pub(crate) fn record_of(bytes: usize) -> Record {
    Record::new(&meta(), [("blob", vec![b'x'; bytes].as_slice())])
}

pub(crate) async fn sealed(store: &CookieStore) -> Token {
    store.create(&record(), T0).await.unwrap()
}

pub(crate) fn new_token(outcome: WriteOutcome) -> Token {
    match outcome {
        WriteOutcome::NewToken(token) => token,
        other => panic!("no new token: {other:?}"),
    }
}
