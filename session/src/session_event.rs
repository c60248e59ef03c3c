//! What happened to a session, for audit logs and counters.

use std::fmt;

use session_core::{HandleId, Refusal};

/// Something that happened to a session, as [`Builder::on_event`](crate::Builder::on_event) reports it.
///
/// Sessions are named by their handle ids: an event has no token and no value of a field. Each handle id is
/// [`Started`](SessionEvent::Started) once, and [`Ended`](SessionEvent::Ended) unless its session expires. The guide has
/// [a page](crate::guide::events) with an audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEvent {
    /// A session was created.
    #[doc(alias = "session_created")]
    Started {
        /// Its handle id.
        id: HandleId,
    },
    /// A session got a new token and kept its handle id.
    #[doc(alias = "session_renewed")]
    Renewed {
        /// Its handle id.
        id: HandleId,
    },
    /// A session without a principal came to belong to one, or was created with one.
    #[doc(alias = "login")]
    SignedIn {
        /// Its handle id.
        id: HandleId,
    },
    /// The principal of a session proved their identity again, as
    /// [`Session::authenticated`](crate::Session::authenticated) said.
    #[doc(alias = "step_up")]
    Reauthenticated {
        /// Its handle id.
        id: HandleId,
    },
    /// The principal of a session was cleared, or the session of a principal was destroyed through a handle.
    ///
    /// The session then [ended](SessionEvent::Ended). What remains where the principal was cleared is a new session.
    #[doc(alias = "logout")]
    SignedOut {
        /// The handle id under which it belonged to the principal.
        id: HandleId,
    },
    /// A session went from one principal to another: a sign-out and a sign-in in one.
    ///
    /// The session [ended](SessionEvent::Ended) under the old handle id and [started](SessionEvent::Started) under the new
    /// one.
    #[doc(alias = "switch_user")]
    #[doc(alias = "impersonation")]
    PrincipalChanged {
        /// The handle id under which it belonged to the former principal.
        before: HandleId,
        /// The handle id under which it belongs to the present one.
        id: HandleId,
    },
    /// A session was ended. Sessions that expire, or that a full memory store drops, are not reported.
    #[doc(alias = "session_destroyed")]
    Ended {
        /// Its handle id.
        id: HandleId,
        /// How it ended.
        how: EndReason,
    },
    /// [`SessionManager::clear`](crate::SessionManager::clear) ended all sessions of the store, which are not reported one
    /// by one.
    Cleared {
        /// How many there were.
        sessions: u64,
    },
    /// A sign-in was refused by [the limit of sessions](crate::Builder::max_sessions_per_principal).
    LimitReached {
        /// The handle id of the session that was to be signed in; `None` for a new one.
        id: Option<HandleId>,
    },
    /// A client presented a token that opens no session.
    #[doc(alias = "session_use_after_expire")]
    TokenRefused {
        /// Why it opens none, as far as the store knows.
        reason: Refusal,
    },
    /// A write found that another request had destroyed or renewed the session, or that it had expired.
    Gone {
        /// Its handle id.
        id: HandleId,
    },
    /// A session of a principal was presented by another client than the one from which its principal signed in, as far as
    /// a [bound](crate::guide::bind) field tells. Once for each such field and request.
    #[doc(alias = "session hijacking")]
    #[doc(alias = "sess_hijack")]
    ClientChanged {
        /// The handle id of the session.
        id: HandleId,
        /// The name under which the field is stored.
        field: &'static str,
    },
    /// Of several requests that claimed the value of a `flash` field, such as a one-time code, this one did not get it.
    #[doc(alias = "replay")]
    ClaimLost {
        /// The handle id of the session.
        id: HandleId,
        /// The name under which the field is stored.
        field: &'static str,
    },
}

/// How a session ended. `Display` prints it in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// Destroyed through a handle of its own, by [`Session::destroy`](crate::Session::destroy).
    Destroyed,
    /// It went to another principal, or to none, under a new handle id.
    PrincipalChanged,
    /// By a value that it held, with others: [`destroy_all`](crate::SessionManager::destroy_all) or
    /// [`destroy_where`](crate::SessionManager::destroy_where).
    Everywhere,
    /// By its handle id: [`destroy_one`](crate::SessionManager::destroy_one) or
    /// [`destroy_by_id`](crate::SessionManager::destroy_by_id).
    ByHandleId,
    /// To make room for a new session of its principal, by [the limit of
    /// sessions](crate::Builder::max_sessions_per_principal).
    Evicted,
    /// Another client presented it, where [`ClientChange::End`](crate::ClientChange::End) is chosen.
    ClientChanged,
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Destroyed => "destroyed",
            Self::PrincipalChanged => "principal changed",
            Self::Everywhere => "everywhere",
            Self::ByHandleId => "by handle id",
            Self::Evicted => "evicted",
            Self::ClientChanged => "client changed",
        })
    }
}
