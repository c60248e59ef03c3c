//! How a session stands with its store and its client.

use session_core::{Record, Token};

use crate::deadlines::DeadlineOverrides;
use crate::engine::Seen;
use crate::plan::{Origin, Requested};
use crate::session_event::EndReason;
use crate::settings::Touch;

/// How a session stands with its store and its client.
#[derive(Debug)]
pub(crate) struct HandleState {
    pub(crate) backing: Backing,
    /// When the session was loaded.
    pub(crate) seen: Seen,
    pub(crate) requested: Requested,
    /// The session to be destroyed.
    pub(crate) ending: Option<Ending>,
    pub(crate) overrides: DeadlineOverrides,
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

/// How fresh the sign-in of the session's principal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// By the time of the last authentication.
    ByTime,
    /// Not at all, until they authenticate: another client presents the session.
    Doubted,
}

/// A session to be destroyed.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// Its record, for listeners and for finding it under another token.
    pub(crate) record: Record,
    pub(crate) how: EndReason,
}

/// Changes that stay unsaved when the last handle is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsaved {
    /// Somebody forgot to save them, which is reported.
    Forgotten,
    /// The application was answered that they were not saved, or they were not to be.
    Known,
}

impl Unsaved {
    pub(crate) fn known_if(is_known: bool) -> Self {
        if is_known { Self::Known } else { Self::Forgotten }
    }
}

/// How a session stands with its store.
#[derive(Debug)]
pub(crate) enum Backing {
    /// Nothing is stored: the client presented no token, an unknown one, or its session was destroyed by this handle.
    None,
    /// The store held it when it was last asked.
    Stored {
        token: Token,
        /// Whether the last commit found or put the session under this token.
        is_confirmed: bool,
    },
    /// It was destroyed or renewed elsewhere; this handle can no longer write it, only destroy it.
    Gone {
        token: Token,
        /// Whether a write found out, so that changes are lost.
        by_write: bool,
    },
}

/// The way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// Left to the caller, which saves and passes cookies on.
    ByHand,
    /// Its headers can still be written.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "without HTTP there are no responses"))]
    Pending,
    /// Its headers have left, and with them the last chance to give the client a token.
    Sent,
    /// None: a copy for listeners and lists, which is never saved.
    Copy,
}

/// A `Set-Cookie` to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PendingCookie {
    None,
    /// The age of the token that the client has.
    Age,
    /// A token that the client does not have yet.
    Token,
    /// The same, where the session of the token that the client has was ended.
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
    /// Whether a write found the session gone.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.backing, Backing::Gone { by_write: true, .. })
    }

    /// Whether the last commit found or put the session under its token.
    #[cfg(feature = "http")]
    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self.backing, Backing::Stored { is_confirmed: true, .. })
    }

    /// Forgets what the last commit confirmed.
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

    /// Notes that the store holds the session under this token, which the client does not have yet.
    pub(crate) fn moved_to(&mut self, token: Token) {
        self.backing = Backing::Stored { token, is_confirmed: true };
        self.pending = match self.pending {
            PendingCookie::Deletion | PendingCookie::Replacement => PendingCookie::Replacement,
            PendingCookie::None | PendingCookie::Age | PendingCookie::Token => PendingCookie::Token,
        };
    }

    /// Notes that the store holds the session under the token that this handle has; `tells_age` has the age sent.
    pub(crate) fn confirmed(&mut self, tells_age: bool) {
        if let Backing::Stored { is_confirmed, .. } = &mut self.backing {
            *is_confirmed = true;
        }
        if tells_age && matches!(self.pending, PendingCookie::None | PendingCookie::Age) {
            self.pending = PendingCookie::Age;
        }
    }

    /// Requests the end of the session of this record. What comes after it is new.
    pub(crate) fn destroy(&mut self, record: Option<Record>, how: EndReason) {
        self.requested = Requested::Destroy;
        self.overrides = DeadlineOverrides::default();
        self.is_new = true;
        self.ending = self.ending.take().or(record.map(|record| Ending { record, how }));
    }

    /// Lets the session count as none, though the store holds it.
    pub(crate) fn disregard(&mut self) {
        self.backing = Backing::None;
        self.is_new = true;
    }

    /// Notes that the store holds the session no more, because this handle ended it.
    pub(crate) fn ended(&mut self) {
        self.backing = Backing::None;
        self.pending = if self.client_has_token { PendingCookie::Deletion } else { PendingCookie::None };
    }

    /// Notes that the store holds the session no more, because of another request; `by_write` if a write found out.
    pub(crate) fn gone(&mut self, by_write: bool) {
        self.pending = PendingCookie::None;
        let was_lost = self.is_lost();
        if let Some(token) = self.backing.token().cloned() {
            self.backing = Backing::Gone { token, by_write: by_write || was_lost };
        }
    }
}
