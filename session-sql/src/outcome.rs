//! The outcome of a write.

use session_core::{Conflict, StoreError, WriteOutcome};

/// The outcome of a write to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Not written: there is no live session under the key.
    Gone,
    /// Not written: another request changed this field.
    Conflict(String),
    /// Not written: another session has the new key.
    KeyInUse,
    /// Not written: the session limit is reached.
    LimitReached,
}

impl Outcome {
    /// The outcome of a write that leaves the session under its key.
    pub(crate) fn into_write_outcome(self) -> Result<WriteOutcome, StoreError> {
        Ok(match self {
            Self::Done => WriteOutcome::Done,
            Self::Gone => WriteOutcome::Gone,
            Self::Conflict(name) => WriteOutcome::Conflict(name),
            Self::LimitReached => WriteOutcome::LimitReached,
            Self::KeyInUse => return Err(StoreError::NoFreeToken),
        })
    }
}

impl From<Conflict> for Outcome {
    fn from(Conflict(name): Conflict) -> Self {
        Self::Conflict(name)
    }
}
