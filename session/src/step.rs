//! From where a handle stands to what its commit does. Nothing here waits for the store.

use std::mem;
use std::time::Duration;

use crate::data::Handover;
use crate::databag::Databag;
use session_core::{Meta, Patch, Record, StoreError, Timestamp, Token};

use crate::engine::Touch;
use crate::link::{Due, Wishes};
use crate::live::Live;
use crate::plan::{Ask, Origin, Plan, Situation};

/// A touch waits until one twentieth of the idle timeout has passed since the last.
const TOUCH_FRACTION: u32 = 20;

/// At which point of a request a commit happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "tower"), expect(dead_code, reason = "without a framework there are no responses"))]
pub(crate) enum When {
    /// The application asked for it.
    Now,
    /// The response is ready to leave.
    Response {
        /// The handler failed: its changes are not saved, what it asked for is done.
        failed: bool,
        /// The session counts as used whether or not the handler used it.
        used: bool,
        /// What the client is told of the age of its token.
        age: Age,
    },
}

/// What a response tells the client of the age of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "tower"), expect(dead_code, reason = "without a framework there are no responses"))]
pub(crate) enum Age {
    /// Where it moved.
    Moved,
    /// Anew in any case.
    Rolling,
    /// Nothing, so that a remembered session is not touched.
    Untold,
}

/// What a commit starts from, copied out of the link so that nothing is locked while the store works.
#[expect(clippy::struct_excessive_bools, reason = "seven facts that do not depend on each other")]
pub(crate) struct Start {
    pub(crate) origin: Origin,
    pub(crate) ask: Ask,
    pub(crate) token: Option<Token>,
    pub(crate) wishes: Wishes,
    pub(crate) delivered: bool,
    /// Whether no token may travel on this connection, and one still could.
    pub(crate) barred: bool,
    pub(crate) failed: bool,
    /// Whether the response is ready.
    pub(crate) in_response: bool,
    /// Whether a session found gone is the caller's business.
    pub(crate) strict: bool,
    /// Whether the response tells no age.
    is_mute: bool,
    /// Whether the store is to confirm the token, and the client to be told its age.
    pub(crate) roll: bool,
    pub(crate) now: Timestamp,
    touch: Touch,
    used: bool,
}

/// What a commit does, and with what.
pub(crate) struct Step {
    pub(crate) plan: Plan,
    pub(crate) handover: Handover,
    /// The stored record, unless the session is to be destroyed.
    pub(crate) record: Option<Record>,
}

/// Where using a session now moves its idle deadline.
pub(crate) struct Slide {
    pub(crate) deadline: Timestamp,
    /// Whether that is far enough to be worth a write.
    pub(crate) due: bool,
}

impl Slide {
    /// `None` for a session whose idle deadline does not move.
    pub(crate) fn of(touch: Touch, meta: &Meta, now: Timestamp) -> Option<Self> {
        if touch == Touch::Never || meta.idle_timeout == Duration::MAX {
            return None;
        }
        let deadline = now.after(meta.idle_timeout);
        let due = deadline.since(meta.idle_deadline) >= meta.idle_timeout / TOUCH_FRACTION;
        Some(Self { deadline, due })
    }
}

impl<T: Databag> Live<T> {
    pub(crate) fn start(&self, when: When) -> Start {
        let accessed = self.data.is_accessed();
        let mut link = self.link();
        let (failed, used, roll) = match when {
            When::Now => (false, false, link.rolls),
            When::Response { failed, used, age } => {
                (failed, used, age == Age::Rolling || link.due == Due::Age)
            }
        };
        link.confirmed = false;
        if link.due == Due::Age {
            link.due = Due::Nothing;
        }
        Start {
            origin: link.origin,
            ask: match (link.origin, link.ask) {
                // A request that failed starts no session.
                (Origin::New, Ask::Renew) if failed => Ask::Keep,
                (_, ask) => ask,
            },
            token: link.token.clone(),
            wishes: link.wishes.clone(),
            delivered: link.delivered,
            // After the response only what needs no token is saved, which may be on any connection.
            barred: !link.deliverable && !link.delivered,
            failed,
            in_response: when != When::Now,
            strict: when == When::Now || self.engine.settings.strict,
            is_mute: matches!(when, When::Response { age: Age::Untold, .. }),
            roll,
            now: self.engine.clock.now(),
            touch: link.touch,
            used: used || accessed || link.accessed || link.touch == Touch::EveryRequest,
        }
    }

    /// Decides what becomes of the session and of these changes, to which it adds the deadlines they bring along.
    ///
    /// # Errors
    ///
    /// When a new handle id is needed and there is no randomness.
    pub(crate) fn step(&self, start: &Start, patch: &mut Patch) -> Result<Step, StoreError> {
        let Start { origin, ask, .. } = *start;
        let record = self.data.record().filter(|_| origin == Origin::Stored && ask != Ask::Destroy);
        let (mut touch, mut handover) = (false, Handover::None);
        if let Some(record) = &record {
            handover = self.data.handover(patch);
            touch = match handover {
                Handover::Left => {
                    let own = if start.failed { Wishes::default() } else { start.wishes.clone() };
                    let meta = self.engine.new_meta(&own, start.now)?;
                    *patch = mem::take(patch).identify(meta.id, meta.created_at).set_deadlines(meta.into());
                    false
                }
                Handover::SignedIn => {
                    *patch =
                        mem::take(patch).set_deadlines(start.wishes.authenticated(&record.meta(), start.now));
                    false
                }
                Handover::None | Handover::Respelt => {
                    let store = &self.engine.store;
                    let untold = start.delivered && store.capabilities().record_in_token;
                    let slides = start.slide(record, patch, untold);
                    let rewrite = || start.token.as_ref().is_some_and(|token| store.wants_rewrite(token));
                    slides || !start.delivered && (start.roll || rewrite())
                }
            };
        }
        // A session that changes hands gets a new token in the same step.
        let renews = ask == Ask::Keep && handover != Handover::None;
        let ask = if renews { Ask::Renew } else { ask };
        let changed = patch.changes_fields() || patch.deadlines().is_some();
        let plan = Situation { origin, ask, changed, touch }.plan();
        Ok(Step { plan, handover, record })
    }
}

impl Start {
    /// Adds the deadlines that a patch brings along to it, and tells whether moving them is worth a write of its own, which
    /// it is not where the client would have to be told and cannot be.
    fn slide(&self, record: &Record, patch: &mut Patch, untold: bool) -> bool {
        let meta = record.meta();
        if let Some(limits) = self.wishes.limits(&meta, self.now).filter(|_| !self.failed) {
            *patch = mem::take(patch).set_deadlines(limits);
        }
        let own = self.wishes.idle_timeout.is_none_or(|timeout| timeout == meta.idle_timeout);
        let slide = Slide::of(self.touch, &meta, self.now).filter(|_| own);
        let Some(Slide { deadline, due }) = slide else { return false };
        let due = due || self.roll;
        let untold = untold || self.is_mute && meta.remember;
        let touch = due && self.used && !untold;
        if touch || due && !patch.is_empty() || self.ask == Ask::Renew {
            *patch = mem::take(patch).touch(deadline.max(meta.idle_deadline));
        }
        touch
    }
}
