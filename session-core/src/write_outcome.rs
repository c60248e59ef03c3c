//! The outcome of a write.

use crate::Token;

/// The outcome of a write to a stored session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a write may find no live session"]
pub enum WriteOutcome {
    /// Written. The token of the client stays valid.
    Done,
    /// Written. The client must be sent this token in place of its own.
    NewToken(Token),
    /// Not written: there is no live session for this token.
    Gone,
    /// Not written: another request changed the field named here.
    Conflict(String),
    /// Not written: the [`SessionLimit`](crate::SessionLimit) is reached. Returned only by
    /// [`renew_limited`](crate::Store::renew_limited).
    LimitReached,
}
