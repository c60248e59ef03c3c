//! Events of sessions, for audit logs and counters.

use std::fmt;

use session_core::{HandleId, Refusal};

/// An event of a session, as reported to [`Builder::on_event`](crate::Builder::on_event).
///
/// Sessions are identified by their handle ids: an event contains no token and no value of a field. Each handle id is
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
    /// A session of another library was [adopted](crate::Builder::adopt): this session, which
    /// [started](SessionEvent::Started), continues it. That its principal is known is not reported as a sign-in.
    #[cfg(feature = "adopt")]
    #[doc(alias = "session_migrated")]
    Adopted {
        /// Its handle id.
        id: HandleId,
    },
    /// A session without a principal got one, or was created with one.
    #[doc(alias = "login")]
    SignedIn {
        /// Its handle id.
        id: HandleId,
    },
    /// The principal of a session proved their identity again, by
    /// [`Session::authenticated`](crate::Session::authenticated).
    #[doc(alias = "step_up")]
    Reauthenticated {
        /// Its handle id.
        id: HandleId,
    },
    /// The principal of a session was cleared, or the session of a principal was destroyed through a handle.
    ///
    /// The session then [ended](SessionEvent::Ended). If the principal was cleared, a new session remains.
    #[doc(alias = "logout")]
    SignedOut {
        /// Its handle id while it had the principal.
        id: HandleId,
    },
    /// The principal of a session changed to another: a sign-out and a sign-in in one.
    ///
    /// The session [ended](SessionEvent::Ended) under the old handle id and [started](SessionEvent::Started) under the new
    /// one.
    #[doc(alias = "switch_user")]
    #[doc(alias = "impersonation")]
    PrincipalChanged {
        /// Its handle id with the former principal.
        before: HandleId,
        /// Its handle id with the new one.
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
        /// The number of sessions.
        sessions: u64,
    },
    /// A sign-in was refused by [the limit of sessions](crate::Builder::max_sessions_per_principal).
    LimitReached {
        /// The handle id of the session that tried to sign in; `None` for a new one.
        id: Option<HandleId>,
    },
    /// A client presented a token of no live session.
    #[doc(alias = "session_use_after_expire")]
    TokenRefused {
        /// The reason, as far as the store knows.
        reason: Refusal,
    },
    /// A write found that another request had destroyed or renewed the session, or that it had expired.
    Gone {
        /// Its handle id.
        id: HandleId,
    },
    /// A session of a principal was presented by another client than the one from which its principal signed in,
    /// according to a [bound](crate::guide::bind) field. Once for each such field and request.
    #[doc(alias = "session hijacking")]
    #[doc(alias = "sess_hijack")]
    ClientChanged {
        /// The handle id of the session.
        id: HandleId,
        /// The name under which the field is stored.
        field: &'static str,
    },
    /// Of several requests that claimed the value of a `flash` field or an entry, such as a one-time code, this one did not get it.
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
    /// Destroyed through its handle, by [`Session::destroy`](crate::Session::destroy).
    Destroyed,
    /// Its principal changed or was removed; it continues under a new handle id.
    PrincipalChanged,
    /// By an indexed value, together with others: [`destroy_all`](crate::SessionManager::destroy_all) or
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
