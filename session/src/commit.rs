//! Carrying out what was decided: at most one write, in one step, never to a session that is gone.

use session_core::{Conflict, Field, Patch, Record, StoreError, Timestamp, Token, Written, is_indexed};

use crate::hooks::Moment;
use crate::link::{Due, Wishes};
use crate::live::Live;
use crate::plan::{Ask, Origin, Plan};
use crate::step::{Start, Step, When};
use crate::{Databag, Error, Warning};

impl<T: Databag> Live<T> {
    /// Brings the store to where this handle is. Reports each error once.
    pub(crate) async fn commit(&self, when: When) -> Result<(), Error> {
        let _turn = self.turn.take().await;
        let result = self.carry_out(when).await;
        self.link().left_behind = result.is_err();
        self.warn_of_ignored();
        let hooks = &self.engine.hooks;
        match &result {
            Ok(()) | Err(Error::Gone) => {}
            // Who saves is answered; a handler that is done is not.
            Err(Error::Conflict { .. } | Error::TooManySessions) if when == When::Now => {}
            Err(error) => hooks.error(error),
        }
        result
    }

    pub(crate) fn warn_of_ignored(&self) {
        for ignored in self.data.take_ignored() {
            self.engine.hooks.warning(&Warning::Field(ignored));
        }
    }

    async fn carry_out(&self, when: When) -> Result<(), Error> {
        let engine = &self.engine;
        let start = self.start(when);
        if start.origin == Origin::Gone {
            let asked = start.ask == Ask::Renew || start.wishes != Wishes::default();
            let lost = when == When::Now && (asked || self.data.has_changes());
            return if lost { Err(Error::Gone) } else { Ok(()) };
        }
        let patch = if start.failed { Ok(Patch::new()) } else { self.patch(false) };
        if patch.is_err() && start.ask == Ask::Destroy {
            self.end(&start).await?;
        }
        let mut patch = patch?;
        let Step { plan, record } = self.step(&start, &mut patch);
        if start.barred && !matches!(plan, Plan::Nothing | Plan::Touch | Plan::Destroy) {
            self.warn_of_obstacle();
            return Ok(());
        }
        // Asked before the store is: one that revokes would end the token that the client has.
        let ends_by_cookie = plan == Plan::Destroy && engine.store.is_stateless();
        if start.delivered && (ends_by_cookie || plan.moves(engine.store.writes_move())) {
            return Err(Error::HeadersSent);
        }
        let changed = patch.changes_fields() || patch.limits().is_some();
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
                if let (Some(record), Some(token)) = (record, &start.token)
                    && let Some(written) = self.write(plan, token, &record, &patch, start.now).await?
                {
                    self.accept(plan, written, &start, &record, patch)?;
                }
            }
            Plan::Destroy => self.end(&start).await?,
            Plan::Create | Plan::Replace => {
                if plan == Plan::Replace {
                    self.end(&start).await?;
                }
                // Read-only fields have no later chance.
                if T::FIELDS.iter().any(|field| field.readonly) {
                    patch = self.patch(true)?;
                }
                self.create(&start, &patch).await?;
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
        let created = match engine.cap::<T>(None, patch) {
            None => engine.io(engine.store.create(&record, start.now)).await.map(Some),
            Some(cap) => engine.io(engine.store.create_within(&record, cap, start.now)).await,
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
        plan: Plan,
        token: &Token,
        record: &Record,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Option<Written>, Error> {
        let engine = &self.engine;
        if plan == Plan::Touch {
            let deadline = patch.meta(record.meta()).idle_deadline;
            let touched = engine.io(engine.store.touch(token, deadline, now)).await.map_err(Error::Touch);
            return Ok(touched.inspect_err(|error| engine.hooks.error(error)).ok());
        }
        // Only where that is close is the patch applied to see.
        if self.fits(record.as_bytes().len() + patch.size()).is_err() {
            self.fits(record.apply(patch).map_err(conflict)?.as_bytes().len())?;
        }
        let answer = match (plan, engine.cap::<T>(Some(record), patch)) {
            (Plan::Renew, Some(cap)) => engine.store.renew_within(token, patch, cap, now),
            (Plan::Renew, None) => engine.store.renew(token, patch, now),
            _ => engine.store.update(token, patch, now),
        };
        engine.io(answer).await.map(Some).map_err(Error::Save)
    }

    /// Takes note of what became of a write to a stored session.
    fn accept(
        &self,
        plan: Plan,
        written: Written,
        start: &Start,
        before: &Record,
        patch: Patch,
    ) -> Result<(), Error> {
        let changed = plan != Plan::Touch;
        let old = before.meta();
        let new = patch.meta(old);
        let keep = || {
            if !start.failed {
                self.data.patched(patch);
            }
        };
        match written {
            Written::Moved(_) if start.delivered => return Err(Error::HeadersSent),
            Written::Moved(token) => {
                keep();
                self.link().moved_to(token);
            }
            Written::Kept => {
                keep();
                let redated = changed && new.remember && new.deadline() != old.deadline();
                if redated || new.remember != old.remember {
                    self.link().due = Due::Token;
                }
            }
            Written::Gone => {
                self.link().gone();
                self.engine.hooks.gone(old.id);
                return if changed && start.strict { Err(Error::Gone) } else { Ok(()) };
            }
            Written::Conflict(field) => return Err(Error::Conflict { field }),
            Written::Full => return Err(self.refused()),
        }
        if plan == Plan::Renew {
            self.tell(Moment::Regenerated);
        }
        Ok(())
    }

    /// Undoes the sign-in for which there was no place, so that no later commit of this request tries it again.
    fn refused(&self) -> Error {
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

fn conflict(Conflict(field): Conflict) -> Error {
    Error::Conflict { field }
}
