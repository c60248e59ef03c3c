//! State of a session relative to its store and its client.

use session_core::{Record, Timestamp, Token};

use crate::deadlines::DeadlineOverrides;
use crate::engine::Seen;
use crate::plan::{Origin, Requested};
use crate::session_event::EndReason;
use crate::settings::Touch;

/// State of a session relative to its store and its client.
#[derive(Debug)]
pub(crate) struct HandleState {
    pub(crate) backing: Backing,
    /// When the session was loaded.
    pub(crate) seen: Seen,
    pub(crate) requested: Requested,
    /// The session to be destroyed.
    pub(crate) ending: Option<Ending>,
    /// Boxed, since most sessions have none.
    pub(crate) overrides: Option<Box<DeadlineOverrides>>,
    pub(crate) freshness: Freshness,
    pub(crate) touch: Touch,
    pub(crate) pending: PendingCookie,
    pub(crate) response: Response,
    pub(crate) is_new: bool,
    pub(crate) accessed: bool,
    /// Whether the client holds a token, known to the store or not.
    pub(crate) client_has_token: bool,
    pub(crate) unsaved: Unsaved,
}

/// Freshness of the authentication of the session's principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Determined by the time of the last authentication.
    ByTime,
    /// Not fresh until the principal authenticates: another client presents the session.
    Doubted,
}

/// A session to be destroyed.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// Its record, for listeners and for a lookup under another token.
    pub(crate) record: Record,
    pub(crate) how: EndReason,
}

/// Treatment of unsaved changes when the last handle is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsaved {
    /// They were forgotten, which is reported.
    Forgotten,
    /// The application knows that they were not saved, or they were to be dropped.
    Known,
}

impl Unsaved {
    pub(crate) fn known_if(is_known: bool) -> Self {
        if is_known { Self::Known } else { Self::Forgotten }
    }
}

/// State of a session relative to its store.
#[derive(Debug)]
pub(crate) enum Backing {
    /// Nothing is stored: the client presented no token, an unknown one, or its session was destroyed by this handle.
    None,
    /// Stored, according to the last store call.
    Stored {
        token: Token,
        /// Whether the last commit confirmed the session under this token.
        is_confirmed: bool,
    },
    /// It was destroyed or renewed elsewhere; this handle can no longer write it, only destroy it.
    Gone {
        token: Token,
        /// Whether a write detected it, so that changes are lost.
        by_write: bool,
    },
}

/// How tokens reach the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// By the caller, which saves and sends cookies.
    ByHand,
    /// By a response whose headers can still be written.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "without HTTP there are no responses"))]
    Pending,
    /// The response headers were sent: no token can be sent any more.
    Sent,
    /// Not at all: a copy for listeners and lists, which is never saved.
    Copy,
}

/// A pending `Set-Cookie`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PendingCookie {
    None,
    /// The age of the token that the client has.
    Age,
    /// A token that the client does not have yet.
    Token,
    /// The same, if the session of the token that the client has was ended.
    Replacement,
    Deletion,
}

impl Backing {
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::None => Origin::New,
            Self::Stored { .. } => Origin::Stored,
            Self::Gone { .. } => Origin::Gone,
        }
    }

    /// The token of the stored session; of one that is gone, the token it had.
    pub(crate) fn token(&self) -> Option<&Token> {
        match self {
            Self::None => None,
            Self::Stored { token, .. } | Self::Gone { token, .. } => Some(token),
        }
    }
}

impl HandleState {
    /// Returns the overrides of deadlines, to add to them.
    pub(crate) fn overrides(&mut self) -> &mut DeadlineOverrides {
        self.overrides.get_or_insert_default()
    }

    /// Returns when the same principal authenticated again in this request.
    pub(crate) fn authenticated_at(&self) -> Option<Timestamp> {
        self.overrides.as_ref()?.authenticated_at
    }

    /// Whether a write found that the session is gone.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.backing, Backing::Gone { by_write: true, .. })
    }

    /// Whether the last commit confirmed the session under its token.
    #[cfg(feature = "http")]
    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self.backing, Backing::Stored { is_confirmed: true, .. })
    }

    /// Resets the confirmation of the last commit.
    pub(crate) fn start_commit(&mut self) {
        if let Backing::Stored { is_confirmed, .. } = &mut self.backing {
            *is_confirmed = false;
        }
        if self.is_age_pending() {
            self.pending = PendingCookie::None;
        }
    }

    pub(crate) fn is_age_pending(&self) -> bool {
        self.pending == PendingCookie::Age
    }

    /// Takes the pending cookie; with `roll` at least the age of a token that the last commit confirmed.
    #[cfg(feature = "http")]
    pub(crate) fn take_pending(&mut self, roll: bool) -> PendingCookie {
        if self.pending == PendingCookie::None && roll && self.is_confirmed() {
            self.pending = PendingCookie::Age;
        }
        if self.pending != PendingCookie::None {
            self.client_has_token = self.pending != PendingCookie::Deletion;
        }
        std::mem::replace(&mut self.pending, PendingCookie::None)
    }

    /// Records that the session is stored under this token, which the client does not have yet.
    pub(crate) fn moved_to(&mut self, token: Token) {
        self.backing = Backing::Stored { token, is_confirmed: true };
        self.pending = match self.pending {
            PendingCookie::Deletion | PendingCookie::Replacement => PendingCookie::Replacement,
            PendingCookie::None | PendingCookie::Age | PendingCookie::Token => PendingCookie::Token,
        };
    }

    /// Records that the session is stored under the token of this handle; with `tells_age` the age is sent.
    pub(crate) fn confirmed(&mut self, tells_age: bool) {
        if let Backing::Stored { is_confirmed, .. } = &mut self.backing {
            *is_confirmed = true;
        }
        if tells_age && matches!(self.pending, PendingCookie::None | PendingCookie::Age) {
            self.pending = PendingCookie::Age;
        }
    }

    /// Requests the destruction of the session of this record. Later values belong to a new session.
    pub(crate) fn destroy(&mut self, record: Option<Record>, how: EndReason) {
        self.requested = Requested::Destroy;
        self.overrides = None;
        self.is_new = true;
        self.ending = self.ending.take().or(record.map(|record| Ending { record, how }));
    }

    /// Treats the session as absent, although it is stored.
    pub(crate) fn disregard(&mut self) {
        self.backing = Backing::None;
        self.is_new = true;
    }

    /// Records that the session is no longer stored, because this handle ended it.
    pub(crate) fn ended(&mut self) {
        self.backing = Backing::None;
        self.pending = if self.client_has_token { PendingCookie::Deletion } else { PendingCookie::None };
    }

    /// Records that the session is no longer stored, because of another request; `by_write` if a write detected it.
    pub(crate) fn gone(&mut self, by_write: bool) {
        self.pending = PendingCookie::None;
        let was_lost = self.is_lost();
        if let Some(token) = self.backing.token().cloned() {
            self.backing = Backing::Gone { token, by_write: by_write || was_lost };
        }
    }
}
