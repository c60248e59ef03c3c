//! A limit on the number of sessions with the same value, such as the sessions of one user, and writes under it.

use std::fmt;
use std::num::NonZeroUsize;

use crate::HandleId;

/// A limit on the number of live sessions that hold the same value of an indexed field, such as one user's sessions.
///
/// A session counts from the write that set the value, regardless of its creation time, until it is destroyed, expires
/// or takes another value. Renewing a session does not change its position. `Debug` does not print the value.
#[doc(alias = "concurrent sessions")]
#[doc(alias = "max sessions")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionLimit<'a> {
    /// The name under which the field is stored.
    pub name: &'a str,
    /// The stored value.
    pub value: &'a [u8],
    /// The maximum number of sessions that hold the value.
    pub max: NonZeroUsize,
    /// How a session beyond the maximum is handled.
    pub on_full: Evict,
}

/// How a session beyond a [`SessionLimit`] is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evict {
    /// The session that took the value first is destroyed.
    Oldest,
    /// The new session is refused.
    Reject,
}

/// The result of a write under a [`SessionLimit`], and the sessions that it evicted.
///
/// ```
/// use session_core::{Limited, WriteOutcome};
///
/// let refused = Limited::from(WriteOutcome::LimitReached);
/// assert!(refused.evicted.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a write under a limit may be refused"]
pub struct Limited<T> {
    /// The result of the write.
    pub result: T,
    /// The handle ids of the live sessions that were destroyed to make room, in any order.
    pub evicted: Vec<HandleId>,
}

impl<T> From<T> for Limited<T> {
    /// The result of a write that evicted no session.
    fn from(result: T) -> Self {
        Self { result, evicted: Vec::new() }
    }
}

impl fmt::Debug for SessionLimit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLimit")
            .field("name", &self.name)
            .field("max", &self.max)
            .field("on_full", &self.on_full)
            .finish_non_exhaustive()
    }
}
