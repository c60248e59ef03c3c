//! The reason for refusing a token.

use std::fmt;

/// The reason for refusing a token, as returned by [`Store::refusal`](crate::Store::refusal).
///
/// It is for the operator's logs and counters, and never shown to the client: every refused token is treated as no
/// session. `Display` prints the name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The store has no session for the token: it was never issued, or its session ended or was renewed, without a trace.
    Unknown,
    /// The token does not have the format of the store's tokens.
    Malformed,
    /// The session has expired.
    Expired,
    /// The token is not authentic: it was changed, or sealed with an unknown key or for another application.
    Tampered,
    /// The token is authentic, and was revoked: its session was ended, or a newer token superseded it.
    Revoked,
    /// The request presented the tokens of two live sessions, so none of them is used. Not returned by stores.
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
