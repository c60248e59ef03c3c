//! Reasons for refusing a cookie. They are logged for the operator; for the client all of them mean "no session".

use std::fmt;
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicU64, Ordering};

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

impl From<Refusal> for session_core::Refusal {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooLong | Refusal::NotBase64 | Refusal::UnknownVersion | Refusal::NotARecord => {
                Self::Malformed
            }
            Refusal::UnknownKey | Refusal::NotAuthentic => Self::Tampered,
            Refusal::FromTheFuture => Self::Unknown,
            Refusal::Expired => Self::Expired,
            Refusal::Revoked => Self::Revoked,
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

/// Counts the refused cookies of each reason, and logs some of them: any client can send any number of them.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog {
    #[cfg(feature = "tracing")]
    counts: [AtomicU64; Refusal::Revoked as usize + 1],
}

impl RefusalLog {
    /// Counts a refusal. The 1st, 2nd, 4th, 8th and so on of its reason is logged, without the cookie.
    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "used with `tracing` only"))]
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "used with `tracing` only"))]
    pub(crate) fn note(&self, refusal: Refusal) {
        #[cfg(feature = "tracing")]
        {
            let count = self.counts[refusal as usize].fetch_add(1, Ordering::Relaxed) + 1;
            if count.is_power_of_two() {
                log(refusal, count);
            }
        }
    }
}

/// Expired cookies are routine, hence `trace`.
#[cfg(feature = "tracing")]
fn log(refusal: Refusal, count: u64) {
    match refusal {
        Refusal::Expired => tracing::trace!(reason = %refusal, count, "session cookies refused"),
        Refusal::Revoked => tracing::debug!(reason = %refusal, count, "session cookies refused"),
        _ => tracing::warn!(reason = %refusal, count, "session cookies refused"),
    }
}
