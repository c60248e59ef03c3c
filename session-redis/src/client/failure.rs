//! Classifies failures of a command by whether it may be retried.

use redis::{ErrorKind, RedisError, ServerErrorKind};
use session_core::StoreError;

use crate::client::version::UnsupportedVersion;
use crate::damage::Damage;

/// The error text of a cluster node whose script accesses a key of another node.
const NOT_LOCAL: &str = "attempted to access a non local key";

/// Why a command has no reply.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// There is no connection. The command was not sent.
    NotSent(Cause),
    /// The connection broke. The command may have been executed.
    ConnectionLost(Cause),
    /// The deadline passed. The command may have been executed.
    TimedOut,
    /// The server is too old. Nothing is sent to it.
    Unsupported(UnsupportedVersion),
    /// An error reply, or an error of redis-rs before sending. The command was not executed.
    Refused(Refusal, Cause),
}

/// Meaning of an error reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `NOSCRIPT`: the script is not in the cache of the server.
    NoScript,
    /// `MOVED`: the slot is served at this address.
    Moved(String),
    /// `ASK`: for this command only, the key is served at this address.
    Ask(String),
    /// A script accessed a key that is not here because its slot is being migrated.
    NotLocal,
    /// `READONLY`: the server is a replica.
    NotPrimary,
    /// Temporary: the server is loading, busy or failing over.
    Busy,
    /// `WRONGTYPE`: the key holds a value of another type.
    WrongType,
    /// Any other error, which a retry would repeat.
    Final,
}

/// Text of a failure, without the arguments of the command that a server may quote.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cause(String);

impl Cause {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn from_redis(error: &RedisError) -> Self {
        let text = error.to_string();
        let end = text.find("with args beginning").unwrap_or(text.len());
        Self(text[..end].trim_end_matches([' ', ',']).to_owned())
    }
}

impl Failure {
    /// Classifies an error of an established connection.
    pub(crate) fn classify(error: &RedisError) -> Self {
        let cause = Cause::from_redis(error);
        if error.is_io_error() || error.is_unrecoverable_error() {
            return Self::ConnectionLost(cause);
        }
        let at = || error.redirect_node().map(|(address, _)| address.to_owned());
        let refusal = match (error.kind(), error.code()) {
            (ErrorKind::Server(ServerErrorKind::NoScript), _) => Refusal::NoScript,
            (ErrorKind::Server(ServerErrorKind::Moved), _) => at().map_or(Refusal::Busy, Refusal::Moved),
            (ErrorKind::Server(ServerErrorKind::Ask), _) => at().map_or(Refusal::Busy, Refusal::Ask),
            (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => Refusal::NotPrimary,
            (
                ErrorKind::Server(
                    ServerErrorKind::BusyLoading
                    | ServerErrorKind::TryAgain
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::MasterDown,
                ),
                _,
            )
            | (_, Some("BUSY")) => Refusal::Busy,
            (_, Some("WRONGTYPE")) => Refusal::WrongType,
            _ if error.detail().is_some_and(|detail| detail.contains(NOT_LOCAL)) => Refusal::NotLocal,
            // Also an error of redis-rs itself, which did not send the command then.
            _ => Refusal::Final,
        };
        Self::Refused(refusal, cause)
    }

    /// Classifies an error of connecting, after which nothing was sent.
    pub(crate) fn classify_connecting(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::RESP3NotSupported => Self::Unsupported(UnsupportedVersion::without_hello()),
            _ => Self::NotSent(Cause::from_redis(error)),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TimedOut => Self::Timeout,
            Failure::Refused(Refusal::WrongType, _) => Self::Corrupt(Damage::NotASession.into()),
            Failure::Unsupported(version) => Self::Unavailable(version.into()),
            Failure::Refused(Refusal::Moved(_) | Refusal::Ask(_) | Refusal::NotLocal, _) => {
                Self::Unavailable(
                    Cause::new("the server is part of a cluster: name its nodes with `Server::cluster`")
                        .into(),
                )
            }
            Failure::NotSent(cause) | Failure::ConnectionLost(cause) | Failure::Refused(_, cause) => {
                Self::Unavailable(cause.into())
            }
        }
    }
}

/// A reply of another type than the command returns.
pub(crate) fn unexpected_reply() -> StoreError {
    StoreError::Unavailable(Cause::new("the server sent a reply that does not fit the command").into())
}

/// A write that lost to concurrent writes of the same session on every attempt.
pub(crate) fn contended() -> StoreError {
    StoreError::Unavailable(Cause::new("too many concurrent writes to this session").into())
}
