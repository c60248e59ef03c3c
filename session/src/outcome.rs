//! The outcome of a write, and the resulting pending cookie.

use std::mem;

use session_core::{HandleId, Meta, Patch, Record, Timestamp, WriteOutcome};

use crate::data::Handover;
use crate::decide::CommitInput;
use crate::error::Error;
use crate::plan::Plan;
use crate::shared::Shared;
use crate::state::{PendingCookie, Response};

/// A write to a stored session.
pub(crate) struct Write<'a> {
    pub(crate) plan: Plan,
    pub(crate) handover: Handover,
    /// The record before the patch, as this handle knows it.
    pub(crate) before: Record,
    pub(crate) patch: &'a mut Patch,
}

/// A write that the store executed.
struct Accepted {
    id: HandleId,
    /// Whether the session kept its token.
    is_kept: bool,
    /// Whether the store may know later deadlines than this handle.
    is_age_unknown: bool,
    authenticates: bool,
}

impl Shared {
    /// Applies the outcome of a write to a stored session.
    pub(crate) async fn accept(
        &self,
        mut write: Write<'_>,
        outcome: WriteOutcome,
        input: &CommitInput,
    ) -> Result<(), Error> {
        let Some(accepted) = self.apply(&mut write, outcome, input)? else { return Ok(()) };
        let Write { plan, handover, before, .. } = write;
        let Accepted { id, is_kept, is_age_unknown, authenticates } = accepted;
        if is_age_unknown && input.response != Response::Sent {
            // Boxed, since few sessions are remembered.
            Box::pin(self.reload_deadlines(input.now, id, is_kept)).await;
        }
        match (plan, handover) {
            (Plan::Renew, Handover::Left) => {
                self.state().pending = PendingCookie::Replacement;
                self.notify_handed_over(before);
            }
            (Plan::Renew, _) => self.notify_renewed(handover, authenticates),
            _ => {}
        }
        Ok(())
    }

    /// Updates the handle. `None` when the session is gone and that is no error.
    fn apply(
        &self,
        write: &mut Write<'_>,
        outcome: WriteOutcome,
        input: &CommitInput,
    ) -> Result<Option<Accepted>, Error> {
        let Write { before, patch, .. } = write;
        let old = before.meta();
        let new = patch.meta(old);
        let authenticates = patch.authenticated_at().is_some();
        // If all deadlines were set, or are part of the token, they are those of the store.
        let is_exact = patch.deadlines().is_some() || self.engine.store.capabilities().record_in_token;
        let tells_age =
            input.roll || new.remember != old.remember || new.remember && new.deadline() != old.deadline();
        let is_kept = match outcome {
            WriteOutcome::NewToken(_) if input.response == Response::Sent => return Err(Error::HeadersSent),
            WriteOutcome::NewToken(token) => {
                self.keep(input, before, mem::take(patch), new);
                self.state().moved_to(token);
                false
            }
            WriteOutcome::Done => {
                self.keep(input, before, mem::take(patch), new);
                self.state().confirmed(tells_age);
                true
            }
            WriteOutcome::Gone => {
                let is_touch = write.plan == Plan::Touch;
                self.state().gone(!is_touch);
                self.engine.hooks.gone(old.id);
                return if !is_touch && input.fail_if_gone { Err(Error::Gone) } else { Ok(None) };
            }
            WriteOutcome::Conflict(field) => return Err(Error::Conflict { field }),
            WriteOutcome::LimitReached => return Err(self.refused(Some(old.id))),
        };
        let is_age_unknown = new.remember && !is_exact && (tells_age || !is_kept);
        Ok(Some(Accepted { id: new.id, is_kept, is_age_unknown, authenticates }))
    }

    /// Marks the patch as applied.
    fn keep(&self, input: &CommitInput, before: &Record, patch: Patch, new: Meta) {
        if !input.failed {
            self.contents().applied(patch);
        } else if patch.changes_fields() {
            // Values that the handler set meanwhile were for a session that no longer exists.
            self.contents().replace(before.apply(&patch).ok());
        } else {
            self.contents().set_meta(new);
        }
    }

    /// Loads the session's deadlines, if another request may have changed them since it was
    /// loaded: the cookie never ends before the session in the store.
    async fn reload_deadlines(&self, now: Timestamp, id: HandleId, is_kept: bool) {
        let (token, seen) = {
            let state = self.state();
            (state.backing.token().cloned(), state.seen)
        };
        let present = self.engine.present();
        let Some(token) = token.filter(|_| seen.at != now || seen != present) else { return };
        match self.engine.load(&token).await {
            Ok(Some(record)) => {
                self.contents().set_meta(record.meta());
                self.state().seen = present;
            }
            Ok(None) if is_kept => {
                self.state().gone(false);
                self.engine.hooks.gone(id);
            }
            Err(_) if is_kept => self.state().pending = PendingCookie::None,
            // The client needs the new token in any case.
            Ok(None) | Err(_) => {}
        }
    }
}
