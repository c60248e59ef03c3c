//! What scripts answer.

use redis::Value;
use session_core::{StoreError, Written};

use crate::failure::Cause;
use crate::layout::{Damage, field_name};

/// What a script answered.
#[derive(PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Gone,
    Taken,
    /// The session is not what it was read as.
    #[cfg(feature = "seal")]
    Changed,
    Conflict(String),
}

impl Outcome {
    pub(crate) fn of(answer: &Value) -> Result<Self, StoreError> {
        match answer {
            Value::Int(1) => Ok(Self::Done),
            Value::Int(0) => Ok(Self::Gone),
            Value::Int(-1) => Ok(Self::Taken),
            Value::Int(-2) => Err(corrupt(Damage::NotASession)),
            #[cfg(feature = "seal")]
            Value::Int(-3) => Ok(Self::Changed),
            Value::BulkString(name) => {
                let name = str::from_utf8(name).ok().and_then(|name| name.strip_prefix(&field_name("")));
                name.map(|name| Self::Conflict(name.to_owned())).ok_or_else(unexpected)
            }
            _ => Err(unexpected()),
        }
    }

    /// What it means for a session that stays where it is.
    pub(crate) fn kept(self) -> Result<Written, StoreError> {
        match self {
            Self::Done => Ok(Written::Kept),
            Self::Gone => Ok(Written::Gone),
            Self::Conflict(field) => Ok(Written::Conflict(field)),
            Self::Taken => Err(unexpected()),
            #[cfg(feature = "seal")]
            Self::Changed => Err(unexpected()),
        }
    }
}

pub(crate) fn corrupt(damage: Damage) -> StoreError {
    StoreError::Corrupt(damage.into())
}

pub(crate) fn unexpected() -> StoreError {
    StoreError::Unavailable(Cause::new("the server answered something else than was asked").into())
}
