//! The outcome of a write, and the pending cookie that follows from it.

use crate::data::Handover;
use session_core::{HandleId, Meta, Patch, Record, Timestamp, WriteOutcome};

use crate::hooks::Moment;
use crate::link::Due;
use crate::live::Live;
use crate::plan::Plan;
use crate::step::Start;
use crate::{Databag, Error};

/// A write to a stored session.
pub(crate) struct Write {
    pub(crate) plan: Plan,
    pub(crate) handover: Handover,
    /// The record as it is without the patch, as far as this handle knows.
    pub(crate) before: Record,
    pub(crate) patch: Patch,
}

impl<T: Databag> Live<T> {
    /// Takes note of what became of a write to a stored session.
    pub(crate) async fn accept(
        &self,
        write: Write,
        written: WriteOutcome,
        start: &Start,
    ) -> Result<(), Error> {
        let Write { plan, handover, before, patch } = write;
        let (old, new) = (before.meta(), patch.meta(before.meta()));
        // Where all deadlines were set, or travel in the token, they are what the store holds.
        let is_exact = patch.deadlines().is_some() || self.engine.store.capabilities().record_in_token;
        let is_told =
            start.roll || new.remember != old.remember || new.remember && new.deadline() != old.deadline();
        let mut is_kept = false;
        match written {
            WriteOutcome::NewToken(_) if start.delivered => return Err(Error::HeadersSent),
            WriteOutcome::NewToken(token) => {
                self.keep(start, &before, patch, new);
                self.link().moved_to(token);
            }
            WriteOutcome::Done => {
                self.keep(start, &before, patch, new);
                self.link().kept(is_told);
                is_kept = true;
            }
            WriteOutcome::Gone => {
                let is_touch = plan == Plan::Touch;
                if is_touch {
                    self.link().gone();
                } else {
                    self.link().lost();
                }
                self.engine.hooks.gone(old.id);
                return if !is_touch && start.strict { Err(Error::Gone) } else { Ok(()) };
            }
            WriteOutcome::Conflict(field) => return Err(Error::Conflict { field }),
            WriteOutcome::LimitReached => return Err(self.refused()),
        }
        if new.remember && !is_exact && (is_told || !is_kept) && !start.delivered {
            self.learn_age(start.now, new.id, is_kept).await;
        }
        match (plan, handover) {
            (Plan::Renew, Handover::Left) => {
                self.tell_of(Moment::Deleted, before);
                self.tell(Moment::Started);
            }
            (Plan::Renew, _) => self.tell(Moment::Regenerated),
            _ => {}
        }
        Ok(())
    }

    /// Takes over what a patch made of the session.
    fn keep(&self, start: &Start, before: &Record, patch: Patch, new: Meta) {
        if !start.failed {
            self.data.patched(patch);
        } else if patch.changes_fields() {
            // What the handler set meanwhile was for a session that is no more.
            self.data.replace(before.apply(&patch).ok());
        } else {
            self.data.refresh(new);
        }
    }

    /// Asks the store how long the session lives, where another request may have given it other deadlines since it was
    /// loaded: the client is never told less than the store holds.
    async fn learn_age(&self, now: Timestamp, id: HandleId, is_kept: bool) {
        let (token, seen) = {
            let link = self.link();
            (link.token.clone(), link.seen)
        };
        let present = self.engine.present();
        let Some(token) = token.filter(|_| seen.at != now || seen != present) else { return };
        match self.engine.load(&token).await {
            Ok(Some(record)) => {
                self.data.refresh(record.meta());
                self.link().seen = present;
            }
            Ok(None) if is_kept => {
                self.link().gone();
                self.engine.hooks.gone(id);
            }
            Err(_) if is_kept => self.link().due = Due::Nothing,
            // The client needs the new token in any case.
            Ok(None) | Err(_) => {}
        }
    }
}
