//! What a store of another library keeps for an id.

use session_core::Timestamp;

/// What is kept for an old id.
pub(crate) enum Held {
    Session(Stored),
    /// The sealed token of the session that replaced it.
    Successor(String),
    Nothing,
}

/// A stored session, and when the store says that it expires.
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) expires_at: Option<Timestamp>,
}
