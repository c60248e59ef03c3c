//! The outcome of a write.

use crate::Token;

/// The outcome of a write to a stored session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a write may find its session gone"]
pub enum WriteOutcome {
    /// Done; the client's token stays good.
    Done,
    /// Done; the client must get this token instead of its own.
    NewToken(Token),
    /// Not done: there is no live session under this token.
    Gone,
    /// Not done: the field named here was changed by somebody else.
    Conflict(String),
    /// Not done: the [`SessionLimit`](crate::SessionLimit) is reached. Answered by
    /// [`renew_limited`](crate::Store::renew_limited) alone.
    LimitReached,
}
