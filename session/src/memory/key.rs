//! Keys of sessions.

use session_core::Token;

/// A session's key: half of its token's hash, whose 128 bits rule out collisions that anybody could produce.
pub(super) type Key = u128;

/// Returns the key of a token, `None` for a malformed one.
pub(super) fn key_of(token: &Token) -> Option<Key> {
    let hash = token.store_key()?;
    let half = hash.as_bytes().first_chunk()?;
    Some(Key::from_be_bytes(*half))
}
