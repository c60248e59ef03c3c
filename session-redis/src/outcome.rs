//! Outcome of a script: parses its reply.

use redis::Value;
use session_core::{StoreError, Timestamp, WriteOutcome};

use crate::client::failure::{Cause, unexpected_reply};
use crate::client::reply::{bytes, text};
use crate::damage::Damage;
use crate::layout::field_name;
use crate::lua::codes;

/// Outcome of a script.
#[derive(PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Done, with members to remove from index sets elsewhere.
    DoneStale(Vec<Member>),
    /// Done to a session that had expired, with members to remove from index sets elsewhere.
    Expired(Vec<Member>),
    Gone,
    KeyTaken,
    /// The sealed session changed since it was read.
    Changed,
    /// Not done: index sets elsewhere must name the session for longer first.
    ReachTooShort(ReachTooShort),
    LimitReached,
    /// Not done: other sessions were evicted, and more must be. The script is to be run again.
    MoreToEvict,
    /// Not done: this field was not as expected.
    Conflict(String),
}

/// A live session that a script ended.
pub(crate) struct Ended {
    /// Name of its key.
    pub(crate) key: Vec<u8>,
    /// Its field `m`.
    pub(crate) identity: Vec<u8>,
}

/// A member of an index set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Digest of the value, which determines the set.
    pub(crate) digest: String,
    pub(crate) name: String,
}

/// Index memberships to be extended before a session can be written.
#[derive(PartialEq, Eq)]
pub(crate) struct ReachTooShort {
    /// The session's field `i`.
    pub(crate) index: Vec<u8>,
    /// The time until which its members must stay in the index.
    pub(crate) reach: Timestamp,
    pub(crate) members: Vec<Member>,
}

/// Parses the reply of a script that may end sessions: its outcome, and these sessions.
pub(crate) fn parse_with_ended(reply: &Value) -> Result<(Outcome, Vec<Ended>), StoreError> {
    if let Value::Array(parts) = reply
        && let [Value::Int(codes::ENDED), reply, ended @ ..] = parts.as_slice()
    {
        let (pairs, _) = ended.as_chunks();
        let ended = pairs.iter().map(|[key, identity]| {
            Some(Ended { key: bytes(key)?.to_vec(), identity: bytes(identity)?.to_vec() })
        });
        let ended = ended.collect::<Option<_>>().ok_or_else(unexpected_reply)?;
        return Ok((Outcome::parse(reply)?, ended));
    }
    Ok((Outcome::parse(reply)?, Vec::new()))
}

impl Outcome {
    pub(crate) fn parse(reply: &Value) -> Result<Self, StoreError> {
        match reply {
            Value::Int(codes::DONE) => Ok(Self::Done),
            Value::Int(codes::EXPIRED) => Ok(Self::Expired(Vec::new())),
            Value::Int(codes::GONE) => Ok(Self::Gone),
            Value::Int(codes::KEY_TAKEN) => Ok(Self::KeyTaken),
            Value::Int(codes::NOT_A_SESSION) => Err(Damage::NotASession.into()),
            Value::Int(codes::CHANGED) => Ok(Self::Changed),
            Value::Int(codes::LIMIT_REACHED) => Ok(Self::LimitReached),
            Value::Int(codes::MORE_TO_EVICT) => Ok(Self::MoreToEvict),
            Value::Int(codes::DEADLINE_PASSED) => Err(StoreError::Unavailable(
                Cause::new(
                    "the deadline of the session has passed by the clock of the server: the clocks of application and \
                     server differ, synchronise both",
                )
                .into(),
            )),
            Value::BulkString(name) => {
                let name = str::from_utf8(name).ok().and_then(|name| name.strip_prefix(&field_name("")));
                name.map(|name| Self::Conflict(name.to_owned())).ok_or_else(unexpected_reply)
            }
            Value::Array(parts) => match parts.as_slice() {
                [Value::Int(codes::DONE), stale @ ..] => read_members(stale).map(Self::DoneStale),
                [Value::Int(codes::EXPIRED), stale @ ..] => read_members(stale).map(Self::Expired),
                [Value::Int(codes::REACH_TOO_SHORT), index, reach, members @ ..] => {
                    read_reach(index, reach, members).map(Self::ReachTooShort)
                }
                _ => None,
            }
            .ok_or_else(unexpected_reply),
            _ => Err(unexpected_reply()),
        }
    }

    /// The outcome of a write after which the session has the same token.
    pub(crate) fn into_write_outcome(self) -> Result<WriteOutcome, StoreError> {
        match self {
            Self::Done | Self::DoneStale(_) => Ok(WriteOutcome::Done),
            Self::Gone => Ok(WriteOutcome::Gone),
            Self::LimitReached => Ok(WriteOutcome::LimitReached),
            Self::Conflict(field) => Ok(WriteOutcome::Conflict(field)),
            Self::KeyTaken
            | Self::Changed
            | Self::ReachTooShort(_)
            | Self::MoreToEvict
            | Self::Expired(_) => Err(unexpected_reply()),
        }
    }
}

fn read_reach(index: &Value, reach: &Value, members: &[Value]) -> Option<ReachTooShort> {
    let reach = Timestamp::from_millis(text(reach)?.parse().ok()?);
    Some(ReachTooShort { index: bytes(index)?.to_vec(), reach, members: read_members(members)? })
}

fn read_members(values: &[Value]) -> Option<Vec<Member>> {
    let (pairs, _) = values.as_chunks();
    pairs
        .iter()
        .map(|[digest, member]| {
            Some(Member { digest: text(digest)?.to_owned(), name: text(member)?.to_owned() })
        })
        .collect()
}
