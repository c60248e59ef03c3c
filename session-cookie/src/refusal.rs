//! Reasons for which a cookie is refused. They go to the operator's log; to the client all of them are "no session".

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
    /// Emits an event with the reason and without the cookie. Expired cookies are routine, hence `trace`.
    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "used with `tracing` only"))]
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
            Self::TooLong => "longer than this store accepts",
            Self::NotBase64 => "not canonical base64url",
            Self::UnknownVersion => "sealed in an unknown version",
            Self::UnknownKey => "sealed by an unknown key",
            Self::NotAuthentic => "tampered with, or sealed for another name or context",
            Self::FromTheFuture => "sealed in the future",
            Self::NotARecord => "the contents are not a record",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        })
    }
}
