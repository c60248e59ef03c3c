//! What scripts answer.

use redis::Value;
use session_core::{StoreError, Timestamp, WriteOutcome};

use crate::failure::Cause;
use crate::index::Member;
use crate::layout::{Damage, bytes, field_name};

/// What a script answered.
#[derive(PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Done, and an index elsewhere is to forget this.
    Left(Vec<Member>),
    /// Done with a session that had expired, and an index elsewhere is to forget this.
    Expired(Vec<Member>),
    Gone,
    Taken,
    /// The session is not what it was read as.
    #[cfg(feature = "seal")]
    Changed,
    /// Not done: the index elsewhere must reach further first.
    Unreached(Unreached),
    /// Not done: as many sessions as may hold a value hold it.
    Full,
    /// Not done yet: others were ended to make room, and more are to be.
    More,
    Conflict(String),
}

/// What keeps an index elsewhere from naming a session for as long as it will live.
#[derive(PartialEq, Eq)]
pub(crate) struct Unreached {
    /// What the session remembers of the index.
    pub(crate) index: Vec<u8>,
    /// How far the index must reach.
    pub(crate) reach: Timestamp,
    /// What names the session there.
    pub(crate) held: Vec<Member>,
}

impl Outcome {
    pub(crate) fn of(answer: &Value) -> Result<Self, StoreError> {
        match answer {
            Value::Int(1) => Ok(Self::Done),
            Value::Int(2) => Ok(Self::Expired(Vec::new())),
            Value::Int(0) => Ok(Self::Gone),
            Value::Int(-1) => Ok(Self::Taken),
            Value::Int(-2) => Err(corrupt(Damage::NotASession)),
            #[cfg(feature = "seal")]
            Value::Int(-3) => Ok(Self::Changed),
            Value::Int(-5) => Ok(Self::Full),
            Value::Int(-6) => Ok(Self::More),
            Value::Int(-7) => Err(StoreError::Unavailable(
                Cause::new(
                    "the deadline of the session has passed by the clock of the server: the clocks of application and \
                     server differ, set both by the same time source",
                )
                .into(),
            )),
            Value::BulkString(name) => {
                let name = str::from_utf8(name).ok().and_then(|name| name.strip_prefix(&field_name("")));
                name.map(|name| Self::Conflict(name.to_owned())).ok_or_else(unexpected)
            }
            Value::Array(parts) => match parts.as_slice() {
                [Value::Int(1), left @ ..] => read_places(left).map(Self::Left),
                [Value::Int(2), left @ ..] => read_places(left).map(Self::Expired),
                [Value::Int(-4), index, reach, held @ ..] => {
                    read_unreached(index, reach, held).map(Self::Unreached)
                }
                _ => None,
            }
            .ok_or_else(unexpected),
            _ => Err(unexpected()),
        }
    }

    /// What it means for a session that stays where it is.
    pub(crate) fn kept(self) -> Result<WriteOutcome, StoreError> {
        match self {
            Self::Done | Self::Left(_) => Ok(WriteOutcome::Done),
            Self::Gone => Ok(WriteOutcome::Gone),
            Self::Full => Ok(WriteOutcome::LimitReached),
            Self::Conflict(field) => Ok(WriteOutcome::Conflict(field)),
            Self::Taken | Self::Unreached(_) | Self::More | Self::Expired(_) => Err(unexpected()),
            #[cfg(feature = "seal")]
            Self::Changed => Err(unexpected()),
        }
    }
}

fn read_unreached(index: &Value, reach: &Value, held: &[Value]) -> Option<Unreached> {
    let reach = Timestamp::from_millis(text(reach)?.parse().ok()?);
    Some(Unreached { index: bytes(index)?.to_vec(), reach, held: read_places(held)? })
}

fn read_places(values: &[Value]) -> Option<Vec<Member>> {
    let (pairs, _) = values.as_chunks();
    pairs
        .iter()
        .map(|[digest, member]| Some(Member { digest: text(digest)?, member: text(member)? }))
        .collect()
}

fn text(value: &Value) -> Option<String> {
    str::from_utf8(bytes(value)?).ok().map(str::to_owned)
}

pub(crate) fn corrupt(damage: Damage) -> StoreError {
    StoreError::Corrupt(damage.into())
}

pub(crate) fn unexpected() -> StoreError {
    StoreError::Unavailable(Cause::new("the server answered something else than was asked").into())
}
