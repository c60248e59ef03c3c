//! What became of a write.

use crate::Token;

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a write may find its session gone"]
pub enum Written {
    /// Done; the client's token stays good.
    Kept,
    /// Done; the client must get this token instead of its own.
    Moved(Token),
    /// Not done: there is no live session under this token.
    Gone,
    /// Not done: the field named here was changed by somebody else.
    Conflict(String),
    /// Not done: as many sessions as may hold the value hold it. Answered by
    /// [`renew_within`](crate::Store::renew_within) alone.
    Full,
}
