//! The input of a commit, the resulting decision, and the fast path without a commit. No I/O.

use std::mem;
use std::time::Duration;

use session_core::{Deadlines, Meta, Patch, Record, StoreError, Timestamp, Token};

use crate::data::{Handover, Owner};
use crate::deadlines::DeadlineOverrides;
use crate::plan::{Origin, Plan, Requested, Situation};
use crate::settings::Touch;
use crate::shared::Shared;
use crate::state::Response;
#[cfg(feature = "http")]
use crate::state::{PendingCookie, Unsaved};

/// A touch waits until one twentieth of the idle timeout has passed since the last.
const TOUCH_FRACTION: u32 = 20;

/// The reason for a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "without HTTP there are no responses"))]
pub(crate) enum Trigger {
    /// The application calls `save`.
    Save,
    /// The response is ready to be sent.
    Response {
        /// The handler failed: its changes are not saved, its requests are executed.
        failed: bool,
        /// The session counts as used whether or not the handler used it.
        used: bool,
        age: CookieAge,
    },
}

/// When a response sends the age of the token to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "without HTTP there are no responses"))]
pub(crate) enum CookieAge {
    /// If the deadline moved.
    Moved,
    /// Always.
    Rolling,
    /// Never, so that a remembered session is not touched.
    Untold,
}

/// The input of a commit, copied so that nothing is locked while the store works.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(crate) struct CommitInput {
    pub(crate) origin: Origin,
    pub(crate) requested: Requested,
    pub(crate) token: Option<Token>,
    pub(crate) overrides: Option<Box<DeadlineOverrides>>,
    pub(crate) response: Response,
    /// Whether this connection must not carry a token, and the headers can still be written.
    pub(crate) is_obstructed: bool,
    pub(crate) failed: bool,
    pub(crate) in_response: bool,
    /// Whether a session found gone is an error.
    pub(crate) fail_if_gone: bool,
    /// Whether the response sends no age.
    tells_no_age: bool,
    /// Whether the store must confirm the token, so that its age is sent.
    pub(crate) roll: bool,
    pub(crate) now: Timestamp,
    touch: Touch,
    used: bool,
}

impl CommitInput {
    /// Whether the same principal authenticated again.
    pub(crate) fn authenticates(&self) -> bool {
        self.overrides.as_ref().is_some_and(|overrides| overrides.authenticated_at.is_some())
    }

    /// The deadlines to give the session: none if the handler failed.
    fn honoured(&self) -> Option<&DeadlineOverrides> {
        self.overrides.as_deref().filter(|_| !self.failed)
    }
}

/// The plan of a commit, and its operands.
pub(crate) struct Decision {
    pub(crate) plan: Plan,
    pub(crate) handover: Handover,
    /// The stored record, unless the session is to be destroyed.
    pub(crate) record: Option<Record>,
}

/// The move of an idle deadline by use of the session.
struct Slide {
    deadline: Timestamp,
    /// Whether it is far enough to be worth a write.
    is_due: bool,
}

impl Slide {
    /// `None` for a session whose idle deadline does not move.
    fn of(touch: Touch, meta: &Meta, now: Timestamp) -> Option<Self> {
        if touch == Touch::Never || meta.idle_timeout == Duration::MAX {
            return None;
        }
        let deadline = now.after(meta.idle_timeout);
        let is_due = deadline.since(meta.idle_deadline).saturating_mul(TOUCH_FRACTION) >= meta.idle_timeout;
        Some(Self { deadline, is_due })
    }
}

impl Shared {
    pub(crate) fn commit_input(&self, trigger: Trigger) -> CommitInput {
        let accessed = self.contents_without_record().is_accessed();
        let mut state = self.state();
        let (failed, used, roll) = match trigger {
            Trigger::Save => (false, false, self.rolls_by_hand(state.response)),
            Trigger::Response { failed, used, age } => {
                (failed, used, age == CookieAge::Rolling || state.is_age_pending())
            }
        };
        state.start_commit();
        CommitInput {
            origin: state.backing.origin(),
            requested: match (state.backing.origin(), state.requested) {
                // A request that failed starts no session.
                (Origin::New, Requested::Renew) if failed => Requested::Nothing,
                (_, requested) => requested,
            },
            token: state.backing.token().cloned(),
            overrides: state.overrides.clone(),
            response: state.response,
            // After the response only changes that need no token are saved, on any connection.
            is_obstructed: state.response != Response::Sent && self.is_obstructed(),
            failed,
            in_response: trigger != Trigger::Save,
            fail_if_gone: trigger == Trigger::Save || self.engine.settings.strict,
            tells_no_age: matches!(trigger, Trigger::Response { age: CookieAge::Untold, .. }),
            roll,
            now: self.engine.clock.now(),
            touch: state.touch,
            used: used || accessed || state.accessed || state.touch == Touch::EveryRequest,
        }
    }

    /// Whether every save must check that the session is still under its token, since a cookie may follow each of
    /// them.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no cookies")
    )]
    fn rolls_by_hand(&self, response: Response) -> bool {
        #[cfg(feature = "http")]
        return response == Response::ByHand && self.presented.is_some() && self.engine.transport.rolling;
        #[cfg(not(feature = "http"))]
        {
            let _ = response;
            false
        }
    }

    /// Computes the plan for the session and these changes, to which it adds the resulting deadlines. No I/O.
    ///
    /// # Errors
    ///
    /// When a new handle id is needed and there is no randomness.
    pub(crate) fn decide(&self, input: &CommitInput, patch: &mut Patch) -> Result<Decision, StoreError> {
        let CommitInput { origin, requested, .. } = *input;
        let (mut touch, mut handover, mut record) = (false, Handover::None, None);
        let mut authenticates = false;
        if origin == Origin::Stored && requested != Requested::Destroy {
            let mut contents = self.contents();
            record = contents.record().cloned();
            if record.is_some() {
                handover = contents.handover(patch);
            }
        }
        if let Some(record) = &record {
            match handover {
                Handover::Left => {
                    let signs_in = !input.failed && self.contents().signs_in(patch);
                    let meta = self.engine.new_meta(input.honoured(), signs_in, input.now)?;
                    *patch = mem::take(patch).identify(meta.id, meta.created_at).set_deadlines(meta.into());
                    *patch = meta.authenticated_at.into_iter().fold(mem::take(patch), Patch::authenticate);
                }
                Handover::SignedIn => self.authenticate(input, patch, record, input.now),
                Handover::None | Handover::Respelt => {
                    let again = input.honoured().and_then(|overrides| overrides.authenticated_at);
                    if let Some(at) = again.filter(|_| self.contents().owner() == Owner::Same) {
                        authenticates = true;
                        self.authenticate(input, patch, record, at);
                    } else {
                        let slides = self.slide(input, record, patch);
                        let is_sent = input.response == Response::Sent;
                        touch =
                            slides || !is_sent && (input.roll || self.wants_rewrite(input.token.as_ref()));
                    }
                }
            }
        }
        // If the principal changes or authenticates, the session gets a new token in the same step.
        let renews = requested == Requested::Nothing && (handover != Handover::None || authenticates);
        let requested = if renews { Requested::Renew } else { requested };
        let changed = patch.changes_fields() || patch.deadlines().is_some();
        let has_ended = |record: &Record| !patch.meta(record.meta()).is_live(input.now);
        let plan = if patch.deadlines().is_some() && record.as_ref().is_some_and(has_ended) {
            Plan::Destroy
        } else {
            Situation { origin, requested, changed, touch }.plan()
        };
        Ok(Decision { plan, handover, record })
    }

    /// Adds the time of authentication to a patch.
    fn authenticate(&self, input: &CommitInput, patch: &mut Patch, record: &Record, at: Timestamp) {
        let settings = &self.engine.settings;
        let deadlines = settings.deadlines_after(input.honoured(), &record.meta(), at, input.now);
        *patch = mem::take(patch).authenticate(at).set_deadlines(deadlines);
    }

    /// Adds the resulting deadlines to a patch. Returns whether moving them justifies a write, which it does not if the
    /// client's cookie would have to be updated and cannot.
    fn slide(&self, input: &CommitInput, record: &Record, patch: &mut Patch) -> bool {
        let meta = record.meta();
        let changed = self.changed_deadlines(input.honoured(), &meta, input.now);
        if let Some(deadlines) = changed {
            *patch = mem::take(patch).set_deadlines(deadlines);
        }
        let keeps_timeout = changed.is_none_or(|new| new.idle_timeout == meta.idle_timeout);
        let slide = Slide::of(input.touch, &meta, input.now).filter(|_| keeps_timeout);
        let Some(Slide { deadline, is_due }) = slide else { return false };
        let is_due = is_due || input.roll;
        let in_token = self.engine.store.capabilities().record_in_token;
        let untold = input.response == Response::Sent && in_token || input.tells_no_age && meta.remember;
        let touch = is_due && input.used && !untold;
        if touch || is_due && !patch.is_empty() || input.requested == Requested::Renew {
            *patch = mem::take(patch).touch(deadline.max(meta.idle_deadline));
        }
        touch
    }

    /// Returns the deadlines of a session whose principal stays the same; `None` if they stay the same.
    pub(crate) fn changed_deadlines(
        &self,
        overrides: Option<&DeadlineOverrides>,
        meta: &Meta,
        now: Timestamp,
    ) -> Option<Deadlines> {
        let overrides = overrides?;
        let has_principal = self.contents().owner() == Owner::Same;
        self.engine.settings.changed_deadlines(overrides, meta, has_principal, now)
    }

    fn wants_rewrite(&self, token: Option<&Token>) -> bool {
        token.is_some_and(|token| self.engine.store.wants_rewrite(token))
    }

    /// The fast path: nothing was written, the plan is to do nothing, and no cookie is pending. Returns whether the
    /// session was accessed; `None`, without effect, if a commit is needed.
    ///
    /// A request that only reads skips the commit, which is a third of the instructions of a read.
    #[cfg(feature = "http")]
    pub(crate) fn settle(&self) -> Option<bool> {
        let data = self.contents_without_record().unwritten()?;
        let _commit = self.commit_lock.try_lock()?;
        let mut state = self.state();
        let accessed = data.accessed || state.accessed;
        // The client of a session that was never stored may still have to delete its cookie.
        let tells_client = state.pending != PendingCookie::None || state.requested == Requested::Destroy;
        if tells_client || state.is_lost() && self.engine.settings.strict {
            return None;
        }
        let touch = match data.meta {
            Some(meta) => {
                let used = accessed || state.touch == Touch::EveryRequest;
                let slide = Slide::of(state.touch, &meta, self.engine.clock.now());
                used && slide.is_some_and(|slide| slide.is_due) || self.wants_rewrite(state.backing.token())
            }
            None => false,
        };
        let situation = Situation {
            origin: state.backing.origin(),
            requested: state.requested,
            changed: state.overrides.is_some(),
            touch,
        };
        if situation.plan() != Plan::Nothing {
            return None;
        }
        (state.response, state.unsaved) = (Response::Sent, Unsaved::Forgotten);
        Some(accessed)
    }
}
