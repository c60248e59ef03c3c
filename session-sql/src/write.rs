//! A write of one session, for databases that keep records whole.

use session_core::{Patch, Record, SessionLimit, StoreKey, Timestamp};

/// A write of one session.
pub(crate) struct Write<'a> {
    pub(crate) key: &'a StoreKey,
    pub(crate) change: Change<'a>,
    pub(crate) limit: Option<SessionLimit<'a>>,
    pub(crate) now: Timestamp,
}

pub(crate) enum Change<'a> {
    Create(&'a Record),
    /// With a new key for a renewal.
    Patch {
        new_key: Option<&'a StoreKey>,
        patch: &'a Patch,
    },
}
