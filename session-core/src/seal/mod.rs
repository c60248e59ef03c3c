//! Sealing of stored values, for stores on a server that should not be able to read or change them.
//!
//! A [`SealRing`] encrypts and authenticates values with AES-256-SIV, and computes keyed digests, with HMAC-SHA-256, of
//! what such a store looks values up by. Its first key seals, all of its keys open, so that keys can be replaced while
//! sessions last.
//!
//! A sealed value proves that a key of the ring sealed it at this place, not that it is the newest one. A store that
//! seals several parts of a session by themselves binds them to each other, so that none can be removed or rolled back
//! alone.

mod key;
mod ring;

pub use key::{SealKey, SealKeyError};
pub use ring::SealRing;
