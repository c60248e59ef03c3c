//! The outcome of a write, and the resulting pending cookie.

use session_core::{HandleId, Meta, Patch, Record, Timestamp, WriteOutcome};

use crate::data::Handover;
use crate::decide::CommitInput;
use crate::error::Error;
use crate::plan::Plan;
use crate::shared::Shared;
use crate::state::{PendingCookie, Response};

/// A write to a stored session.
pub(crate) struct Write {
    pub(crate) plan: Plan,
    pub(crate) handover: Handover,
    /// The record before the patch, as this handle knows it.
    pub(crate) before: Record,
    pub(crate) patch: Patch,
}

impl Shared {
    /// Applies the outcome of a write to a stored session.
    pub(crate) async fn accept(
        &self,
        write: Write,
        outcome: WriteOutcome,
        input: &CommitInput,
    ) -> Result<(), Error> {
        let Write { plan, handover, before, patch } = write;
        let old = before.meta();
        let new = patch.meta(old);
        let authenticates = patch.authenticated_at().is_some();
        // If all deadlines were set, or are part of the token, they are those of the store.
        let is_exact = patch.deadlines().is_some() || self.engine.store.capabilities().record_in_token;
        let tells_age =
            input.roll || new.remember != old.remember || new.remember && new.deadline() != old.deadline();
        let mut is_kept = false;
        match outcome {
            WriteOutcome::NewToken(_) if input.response == Response::Sent => return Err(Error::HeadersSent),
            WriteOutcome::NewToken(token) => {
                self.keep(input, &before, patch, new);
                self.state().moved_to(token);
            }
            WriteOutcome::Done => {
                self.keep(input, &before, patch, new);
                self.state().confirmed(tells_age);
                is_kept = true;
            }
            WriteOutcome::Gone => {
                let is_touch = plan == Plan::Touch;
                self.state().gone(!is_touch);
                self.engine.hooks.gone(old.id);
                return if !is_touch && input.fail_if_gone { Err(Error::Gone) } else { Ok(()) };
            }
            WriteOutcome::Conflict(field) => return Err(Error::Conflict { field }),
            WriteOutcome::LimitReached => return Err(self.refused(Some(old.id))),
        }
        if new.remember && !is_exact && (tells_age || !is_kept) && input.response != Response::Sent {
            self.reload_deadlines(input.now, new.id, is_kept).await;
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
