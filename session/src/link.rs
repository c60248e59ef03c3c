//! How a handle is tied to what the store and the client hold.

use std::time::Duration;

use session_core::{Deadlines, Meta, Record, Timestamp, Token};

use crate::engine::Touch;
use crate::plan::{Ask, Origin};

/// The part of a handle that is not data.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "nine facts that do not depend on each other")]
pub(crate) struct Link {
    pub(crate) origin: Origin,
    /// The token of the stored session; of one that is gone, the token it had.
    pub(crate) token: Option<Token>,
    pub(crate) ask: Ask,
    pub(crate) wishes: Wishes,
    pub(crate) touch: Touch,
    /// The record of the session that is to be destroyed, for listeners and for finding it under another token.
    pub(crate) ended: Option<Record>,
    pub(crate) is_new: bool,
    pub(crate) accessed: bool,
    /// Whether the client presented a token, known or not.
    pub(crate) presented: bool,
    pub(crate) due: Due,
    /// Whether the last commit found or put the session under this token.
    pub(crate) confirmed: bool,
    /// Whether every commit is to find out whether the session is still under this token.
    pub(crate) rolls: bool,
    /// Whether a write found the session gone.
    pub(crate) lost: bool,
    /// When the session was loaded.
    pub(crate) seen: Seen,
    /// Whether a token may travel on the request's connection.
    pub(crate) deliverable: bool,
    /// Whether the response has left, and with it the last chance to give the client a token.
    pub(crate) delivered: bool,
    /// Whether changes made before the response were not saved with it, which was told or wanted then.
    pub(crate) left_behind: bool,
}

/// What the client must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// How long to keep the token that it has.
    Age,
    /// A token that it does not know yet.
    Token,
    /// To forget its token.
    Deletion,
}

impl Link {
    /// The link of a handle whose client presented `token` and whose store answered `found`.
    pub(crate) fn new(token: Option<Token>, found: bool, touch: Touch, seen: Seen) -> Self {
        Self {
            origin: if found { Origin::Stored } else { Origin::New },
            presented: token.is_some(),
            token: token.filter(|_| found),
            ask: Ask::Keep,
            wishes: Wishes::default(),
            touch,
            ended: None,
            is_new: !found,
            accessed: false,
            due: Due::Nothing,
            confirmed: false,
            rolls: false,
            lost: false,
            seen,
            deliverable: true,
            delivered: false,
            left_behind: false,
        }
    }

    /// What the client must be told, once; with `roll` at least how long to keep a token that the last commit confirmed.
    #[cfg(feature = "http")]
    pub(crate) fn take_due(&mut self, roll: bool) -> Due {
        if self.due == Due::Nothing && roll && self.confirmed && self.origin == Origin::Stored {
            self.due = Due::Age;
        }
        if self.due != Due::Nothing {
            self.presented = self.due != Due::Deletion;
        }
        std::mem::replace(&mut self.due, Due::Nothing)
    }

    /// The store holds the session under this token, which the client does not know yet.
    pub(crate) fn moved_to(&mut self, token: Token) {
        self.origin = Origin::Stored;
        self.token = Some(token);
        self.due = Due::Token;
        self.confirmed = true;
    }

    /// The store holds the session under the token that this handle has; the client is to be told its age, or not.
    pub(crate) fn kept(&mut self, tell: bool) {
        self.confirmed = true;
        if tell && self.due != Due::Token {
            self.due = Due::Age;
        }
    }

    /// The session of this record is to be destroyed, and what comes after it is new.
    pub(crate) fn destroy(&mut self, record: Option<Record>) {
        self.ask = Ask::Destroy;
        self.wishes = Wishes::default();
        self.is_new = true;
        self.ended = self.ended.take().or(record);
    }

    /// The store holds the session no more, because this handle ended it.
    pub(crate) fn ended(&mut self) {
        self.origin = Origin::New;
        self.token = None;
        self.due = if self.presented { Due::Deletion } else { Due::Nothing };
        (self.confirmed, self.lost) = (false, false);
    }

    /// The store holds the session no more, because of somebody else.
    pub(crate) fn gone(&mut self) {
        self.origin = Origin::Gone;
        self.due = Due::Nothing;
        self.confirmed = false;
    }

    /// A write found that the store holds the session no more.
    pub(crate) fn lost(&mut self) {
        self.gone();
        self.lost = true;
    }
}

/// A moment of an engine, to tell whether what was loaded then may be out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    /// How often this engine had given a session other deadlines by then.
    pub(crate) limits: u64,
}

/// What the application asked for one session's deadlines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) remember: Option<bool>,
}

impl Wishes {
    /// The limits that a session of this `meta` gets at `now`; `None` when they are what they were.
    pub(crate) fn limits(&self, meta: &Meta, now: Timestamp) -> Option<Deadlines> {
        let limits = Deadlines {
            idle_timeout: self.idle_timeout.unwrap_or(meta.idle_timeout),
            idle_deadline: self.idle_timeout.map_or(meta.idle_deadline, |timeout| now.after(timeout)),
            lifetime_deadline: self
                .lifetime
                .map_or(meta.lifetime_deadline, |lifetime| meta.created_at.after(lifetime)),
            remember: self.remember.unwrap_or(meta.remember),
        };
        let same = limits.idle_timeout == meta.idle_timeout
            && limits.lifetime_deadline == meta.lifetime_deadline
            && limits.remember == meta.remember;
        (!same).then_some(limits)
    }

    /// The limits of a session of this `meta` to which somebody signs in at `now`: both deadlines count from then.
    pub(crate) fn authenticated(&self, meta: &Meta, now: Timestamp) -> Deadlines {
        let idle_timeout = self.idle_timeout.unwrap_or(meta.idle_timeout);
        let lifetime = match meta.lifetime_deadline {
            Timestamp::NEVER => Duration::MAX,
            deadline => deadline.since(meta.created_at),
        };
        Deadlines {
            idle_timeout,
            idle_deadline: now.after(idle_timeout),
            lifetime_deadline: now.after(self.lifetime.unwrap_or(lifetime)),
            remember: self.remember.unwrap_or(meta.remember),
        }
    }
}
