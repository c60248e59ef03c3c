//! Why a cookie is not a session. Nobody outside learns more than that it is none.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooLong,
    NotBase64,
    UnknownVersion,
    UnknownKey,
    NotAuthentic,
    FromTheFuture,
    NotARecord,
    Expired,
    Revoked,
}

impl Refusal {
    /// Tells the operator, without the cookie. What merely ran out is not worth more than a `trace`.
    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "nobody listens"))]
    pub(crate) fn report(self) {
        #[cfg(feature = "tracing")]
        match self {
            Self::Expired => tracing::trace!(reason = %self, "session cookie refused"),
            Self::Revoked => tracing::debug!(reason = %self, "session cookie refused"),
            _ => tracing::warn!(reason = %self, "session cookie refused"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "longer than any cookie of this store",
            Self::NotBase64 => "not canonical base64url",
            Self::UnknownVersion => "sealed in an unknown version",
            Self::UnknownKey => "sealed by an unknown key",
            Self::NotAuthentic => "tampered with, or sealed for another name or context",
            Self::FromTheFuture => "sealed in the future",
            Self::NotARecord => "sealed around something else than a record",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        })
    }
}
