//! Keys, a store and a record for sealed cookies.

use session_cookie::{CookieStore, Key};
use session_core::{HandleId, Meta, Record, Timestamp};

/// The present time of all targets.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The application's name.
pub(crate) const APP: &str = "fuzz";

/// Returns 64 bytes that look random and are the same in each run, so that a finding can be reproduced.
pub(crate) fn key_bytes() -> [u8; 64] {
    let mut state = 1_u64;
    std::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
}

/// Returns the key of these bytes.
pub(crate) fn key() -> Key {
    Key::unchecked_for_tests(&key_bytes())
}

/// Returns a stateless store.
pub(crate) fn store() -> CookieStore {
    CookieStore::builder(key(), APP).stateless().unwrap()
}

/// Returns the meta of a session without deadlines.
pub(crate) fn meta() -> Meta {
    Meta {
        id: HandleId::from([7; 16]),
        created_at: NOW,
        authenticated_at: None,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: std::time::Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    }
}

/// Returns a live session with one field.
pub(crate) fn record(value: &[u8]) -> Record {
    Record::new(&meta(), [("value", value)])
}
