//! Carrying out what was decided: at most one write, in one step, never to a session that is gone.

use std::sync::atomic::Ordering;

use crate::data::Handover;
use session_core::{Conflict, Field, Patch, Record, StoreError, Timestamp, Token, WriteOutcome, is_indexed};

use crate::hooks::Moment;
use crate::link::{Due, Wishes};
use crate::live::Live;
use crate::outcome::Write;
use crate::plan::{Ask, Origin, Plan};
use crate::step::{Start, Step, When};
use crate::{Databag, Error};

impl<T: Databag> Live<T> {
    /// Brings the store to where this handle is. Reports each error once.
    pub(crate) async fn commit(&self, when: When) -> Result<(), Error> {
        let _turn = self.turn.take().await;
        let mut start = self.start(when);
        let mut result = self.carry_out(&start).await;
        if let (Err(error), When::Response { failed: false, .. }) = (&result, when)
            && is_unwritable(error)
            && self.data.departs()
        {
            // The response becomes an error, and whoever leaves has left nevertheless.
            start.failed = true;
            if let Err(further) = self.carry_out(&start).await {
                self.engine.hooks.error(error);
                result = Err(further);
            }
        }
        self.link().left_behind = result.is_err();
        let hooks = &self.engine.hooks;
        match &result {
            Ok(()) | Err(Error::Gone) => {}
            // Who saves is answered; a handler that is done is not.
            Err(Error::Conflict { .. } | Error::TooManySessions) if when == When::Now => {}
            Err(error) => hooks.error(error),
        }
        result
    }

    async fn carry_out(&self, start: &Start) -> Result<(), Error> {
        let engine = &self.engine;
        if start.origin == Origin::Gone && start.ask != Ask::Destroy {
            return if start.strict && self.has_lost(start) { Err(Error::Gone) } else { Ok(()) };
        }
        let patch = if start.failed { self.departure() } else { self.patch(false) };
        if patch.is_err() && start.ask == Ask::Destroy {
            self.end(start).await?;
        }
        let mut patch = patch?;
        let Step { plan, handover, record } = self.step(start, &mut patch).map_err(Error::Save)?;
        if start.barred && !matches!(plan, Plan::Nothing | Plan::Touch | Plan::Destroy) {
            self.warn_of_obstacle();
            if handover == Handover::Left {
                // Whoever leaves has left, though nobody can come instead.
                self.link().destroy(record);
                self.data.replace(None);
            } else if plan != Plan::Replace {
                return Ok(());
            }
            self.end(start).await?;
            self.link().ask = Ask::Keep;
            return Ok(());
        }
        // Asked before the store is: one that revokes would end the token that the client has.
        let capabilities = engine.store.capabilities();
        let ends_by_cookie = plan == Plan::Destroy && capabilities.stateless;
        if start.delivered && (ends_by_cookie || plan.changes_token(capabilities.record_in_token)) {
            return Err(Error::HeadersSent);
        }
        let changed = patch.changes_fields() || patch.deadlines().is_some();
        match plan {
            Plan::Nothing => {
                if let (Some(record), false) = (record, start.failed) {
                    self.data.written(record);
                }
                if start.ask == Ask::Destroy {
                    self.link().ended();
                }
            }
            Plan::Touch | Plan::Update | Plan::Renew => {
                if let (Some(before), Some(token)) = (record, &start.token) {
                    let write = Write { plan, handover, before, patch };
                    if let Some(written) = self.write(&write, token, start.now).await? {
                        self.accept(write, written, start).await?;
                    }
                }
            }
            Plan::Destroy => self.end(start).await?,
            Plan::Create | Plan::Replace => {
                if plan == Plan::Replace {
                    self.end(start).await?;
                }
                // Read-only fields have no later chance.
                if T::FIELDS.iter().any(|field| field.readonly) {
                    patch = self.patch(true)?;
                }
                self.create(start, &patch).await?;
            }
        }
        let mut link = self.link();
        if link.ask == start.ask {
            link.ask = Ask::Keep;
        }
        if link.wishes == start.wishes && changed {
            link.wishes = Wishes::default();
        }
        Ok(())
    }

    /// Whether there is something for a session that is gone which will never be written.
    fn has_lost(&self, start: &Start) -> bool {
        let asked = start.ask == Ask::Renew || start.wishes != Wishes::default();
        asked || !start.failed && (self.link().lost && start.in_response || self.data.has_changes())
    }

    fn departure(&self) -> Result<Patch, Error> {
        self.data.departure().map_err(|(name, source)| Error::Field { name, source })
    }

    fn patch(&self, creating: bool) -> Result<Patch, Error> {
        self.data.patch(creating).map_err(|(name, source)| Error::Field { name, source })
    }

    /// Whether a record of so many bytes is not too large.
    fn fits(&self, actual: usize) -> Result<(), Error> {
        let limit = self.engine.settings.max_bytes;
        if actual > limit { Err(Error::Save(StoreError::TooLarge { actual, limit })) } else { Ok(()) }
    }

    async fn create(&self, start: &Start, patch: &Patch) -> Result<(), Error> {
        let engine = &self.engine;
        let record = self.new_record(start, patch)?;
        let created = match engine.session_limit::<T>(None, patch) {
            None => engine.io(engine.store.create(&record, start.now)).await.map(Some),
            Some(limit) => engine.io(engine.store.create_limited(&record, limit, start.now)).await,
        };
        let Some(token) = created.map_err(Error::Save)? else { return Err(self.refused()) };
        self.data.written(record);
        self.link().moved_to(token);
        self.tell(Moment::Started);
        Ok(())
    }

    fn new_record(&self, start: &Start, patch: &Patch) -> Result<Record, Error> {
        let meta = self.engine.new_meta(&start.wishes, start.now).map_err(Error::Save)?;
        let record = Record::created(meta, patch).map_err(conflict)?;
        self.fits(record.as_bytes().len())?;
        Ok(record)
    }

    /// Touches, updates or renews. `None` for a touch that failed, which was reported and has to do no more.
    async fn write(
        &self,
        write: &Write,
        token: &Token,
        now: Timestamp,
    ) -> Result<Option<WriteOutcome>, Error> {
        let Write { plan, before, patch, .. } = write;
        let engine = &self.engine;
        if *plan == Plan::Touch {
            let deadline = patch.meta(before.meta()).idle_deadline;
            let touched = engine.io(engine.store.touch(token, deadline, now)).await.map_err(Error::Touch);
            return Ok(touched.inspect_err(|error| engine.hooks.error(error)).ok());
        }
        // Only where that is close is the patch applied to see.
        if self.fits(before.as_bytes().len() + patch.size()).is_err() {
            self.fits(before.apply(patch).map_err(conflict)?.as_bytes().len())?;
        }
        let answer = match (plan, engine.session_limit::<T>(Some(before), patch)) {
            (Plan::Renew, Some(limit)) => engine.store.renew_limited(token, patch, limit, now),
            (Plan::Renew, None) => engine.store.renew(token, patch, now),
            _ => engine.store.update(token, patch, now),
        };
        let written = engine.io(answer).await.map_err(Error::Save)?;
        if patch.deadlines().is_some() {
            engine.limits.fetch_add(1, Ordering::Release);
        }
        Ok(Some(written))
    }

    /// Undoes the sign-in for which there was no place, so that no later commit of this request tries it again.
    pub(crate) fn refused(&self) -> Error {
        self.data.restore_principal();
        Error::TooManySessions
    }

    /// Ends the stored session. The client is told to forget its token even when the store fails.
    async fn end(&self, start: &Start) -> Result<(), Error> {
        let Some(token) = &start.token else { return Ok(()) };
        let engine = &self.engine;
        let result = match engine.io(engine.store.destroy(token)).await {
            Ok(true) => Ok(()),
            Ok(false) => self.follow(start.now).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            self.link().due = Due::Deletion;
            return Err(Error::Destroy(error));
        }
        self.link().ended();
        let ended = self.link().ended.take();
        if let Some(record) = ended {
            self.tell_of(Moment::Deleted, record);
        }
        Ok(())
    }

    /// Ends a session that is not under its token any more, if it still belongs to whom it belonged to: who signs out
    /// while another request renews the session is signed out.
    async fn follow(&self, now: Timestamp) -> Result<(), StoreError> {
        let (principal, record) =
            (T::FIELDS.iter().find(|field| field.is_principal()), self.link().ended.clone());
        let (Some(Field { name, .. }), Some(record)) = (principal, record) else { return Ok(()) };
        let Some(value) = record.get(name).filter(|value| is_indexed(value)) else { return Ok(()) };
        let engine = &self.engine;
        match engine.io(engine.store.destroy_by_id(record.meta().id, Some((name, value)), now)).await {
            Err(StoreError::Unsupported(_)) => Ok(()),
            result => result.map(drop),
        }
    }
}

/// Whether the changes are such that no store was asked to write them.
fn is_unwritable(error: &Error) -> bool {
    matches!(error, Error::Field { .. } | Error::Save(StoreError::TooLarge { .. }))
}

fn conflict(Conflict(field): Conflict) -> Error {
    Error::Conflict { field }
}
