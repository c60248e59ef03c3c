//! The reason for which a token is refused.

use std::fmt;

/// The reason for which a token opens no session, as [`Store::refusal`](crate::Store::refusal) returns it.
///
/// It is for the operator's logs and counters, and never shown to the client, to which every refused token is the absence
/// of a session. `Display` prints the name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The store has no session for the token: it was made up, or its session ended or was renewed and left no trace.
    Unknown,
    /// The token does not have the format of the store's tokens.
    Malformed,
    /// The session has expired.
    Expired,
    /// The token is not authentic: it was changed, or sealed with an unknown key or for another application.
    Tampered,
    /// The token is authentic, and was revoked: its session was ended, or a newer token superseded it.
    Revoked,
    /// The request presented the tokens of two live sessions, so that neither counts. Not returned by stores.
    Duplicate,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Malformed => "malformed",
            Self::Expired => "expired",
            Self::Tampered => "tampered",
            Self::Revoked => "revoked",
            Self::Duplicate => "duplicate",
        })
    }
}
