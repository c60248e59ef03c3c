//! Why a command was not answered, and what may be done about it.

use redis::{ErrorKind, RedisError, ServerErrorKind};
use session_core::StoreError;

use crate::layout::Damage;
use crate::version::UnsupportedVersion;

/// What a server of a cluster says of a script that needs a key which is on another.
const NOT_LOCAL: &str = "attempted to access a non local key";

/// What became of a command that was not answered as it should be.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// There is no connection; it was not sent.
    Unsent(Cause),
    /// The connection broke; it may have been done.
    Lost(Cause),
    /// The time was up; it may have been done.
    Late,
    /// The server is too old to be sent anything.
    Outdated(UnsupportedVersion),
    /// The server refused, or the client did; it was not done.
    Refused(Refusal, Cause),
}

/// What a server means by refusing a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has forgotten the script.
    NoScript,
    /// The slot lives at this address.
    Moved(String),
    /// This once, the key is to be looked for at this address.
    Ask(String),
    /// A script needs a key of the slot that is not here, because the slot is moving.
    NotLocal,
    /// It is a replica, or lost its place: somebody else is the master.
    NotMaster,
    /// It will be able to, later.
    Busy,
    /// What the key holds is not a hash.
    WrongType,
    /// Anything else.
    Final,
}

/// What is told of a failure: the error's text, without what a server may repeat of a command's arguments.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cause(String);

impl Cause {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn of(error: &RedisError) -> Self {
        let text = error.to_string();
        let end = text.find("with args beginning").unwrap_or(text.len());
        Self(text[..end].trim_end_matches([' ', ',']).to_owned())
    }
}

impl Failure {
    /// What an error of an established connection says.
    pub(crate) fn of(error: &RedisError) -> Self {
        let cause = Cause::of(error);
        if error.is_io_error() || error.is_unrecoverable_error() {
            return Self::Lost(cause);
        }
        let at = || error.redirect_node().map(|(address, _)| address.to_owned());
        let refusal = match (error.kind(), error.code()) {
            (ErrorKind::Server(ServerErrorKind::NoScript), _) => Refusal::NoScript,
            (ErrorKind::Server(ServerErrorKind::Moved), _) => at().map_or(Refusal::Busy, Refusal::Moved),
            (ErrorKind::Server(ServerErrorKind::Ask), _) => at().map_or(Refusal::Busy, Refusal::Ask),
            (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => Refusal::NotMaster,
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
            // The server's, or the client's own: it did not send the command.
            _ => Refusal::Final,
        };
        Self::Refused(refusal, cause)
    }

    /// What an error while connecting says.
    pub(crate) fn connecting(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::RESP3NotSupported => Self::Outdated(UnsupportedVersion::without_hello()),
            _ => Self::Unsent(Cause::of(error)),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Late => Self::Timeout,
            Failure::Refused(Refusal::WrongType, _) => Self::Corrupt(Damage::NotASession.into()),
            Failure::Outdated(version) => Self::Unavailable(version.into()),
            Failure::Refused(Refusal::Moved(_) | Refusal::Ask(_) | Refusal::NotLocal, _) => {
                Self::Unavailable(
                    Cause::new("the server is part of a cluster: name its nodes with `Server::cluster`")
                        .into(),
                )
            }
            Failure::Unsent(cause) | Failure::Lost(cause) | Failure::Refused(_, cause) => {
                Self::Unavailable(cause.into())
            }
        }
    }
}
