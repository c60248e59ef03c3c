//! Carrying out what was decided: at most one write, in one step, never to a session that is gone.

use session_core::{Conflict, Patch, Record, StoreError, Timestamp, Token, Written};

use crate::engine::Touch;
use crate::hooks::Moment;
use crate::link::{Due, Wishes};
use crate::plan::{Ask, Origin, Plan, Situation};
use crate::{Databag, Error, Session, Warning};

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
    },
}

/// What a commit starts from, copied out of the link so that nothing is locked while the store works.
struct Start {
    origin: Origin,
    ask: Ask,
    token: Option<Token>,
    delivered: bool,
    failed: bool,
    /// Whether a session found gone is the caller's business.
    strict: bool,
    now: Timestamp,
}

impl<T: Databag> Session<T> {
    /// Brings the store to where this handle is. Reports each error once.
    pub(crate) async fn commit(&self, when: When) -> Result<(), Error> {
        let _turn = self.live.turn.lock().await;
        let result = self.carry_out(when).await;
        self.link().left_behind = result.is_err();
        let hooks = &self.live.engine.hooks;
        for ignored in self.live.data.take_ignored() {
            hooks.warning(&Warning::Field(ignored));
        }
        match &result {
            Ok(()) | Err(Error::Gone) => {}
            // Who saves is answered; a handler that is done is not.
            Err(Error::Conflict { .. }) if when == When::Now => {}
            Err(error) => hooks.error(error),
        }
        result
    }

    async fn carry_out(&self, when: When) -> Result<(), Error> {
        let engine = &self.live.engine;
        let now = engine.clock.now();
        let (failed, used) = match when {
            When::Now => (false, false),
            When::Response { failed, used } => (failed, used),
        };
        let (start, barred, wishes, policy) = {
            let link = self.link();
            let start = Start {
                origin: link.origin,
                ask: match (link.origin, link.ask) {
                    // A request that failed starts no session.
                    (Origin::New, Ask::Renew) if failed => Ask::Keep,
                    (_, ask) => ask,
                },
                token: link.token.clone(),
                delivered: link.delivered,
                failed,
                strict: when == When::Now || engine.settings.strict,
                now,
            };
            // After the response only what needs no token is saved, which may be on any connection.
            let barred = !link.deliverable && !link.delivered;
            (start, barred, link.wishes.clone(), link.touch)
        };
        if start.origin == Origin::Gone {
            let asked = start.ask == Ask::Renew || wishes != Wishes::default();
            let lost = when == When::Now && (asked || self.live.has_changes());
            return if lost { Err(Error::Gone) } else { Ok(()) };
        }

        let patch = if failed { Ok(Patch::new()) } else { self.patch(false) };
        if patch.is_err() && start.ask == Ask::Destroy {
            self.end(&start).await?;
        }
        let mut patch = patch?;
        let record =
            self.live.data.record().filter(|_| start.origin == Origin::Stored && start.ask != Ask::Destroy);
        let mut touch = false;
        if let Some(meta) = record.as_ref().map(Record::meta) {
            if let Some(limits) = wishes.limits(&meta, now).filter(|_| !failed) {
                patch = patch.limit(limits);
            }
            let slides = policy != Touch::Never && meta.idle_timeout != std::time::Duration::MAX;
            let deadline = now.after(meta.idle_timeout);
            if slides && wishes.idle_timeout.is_none_or(|timeout| timeout == meta.idle_timeout) {
                let due = deadline.since(meta.idle_deadline) >= meta.idle_timeout / TOUCH_FRACTION
                    && !(start.delivered && engine.store.writes_move());
                touch = due && (used || policy == Touch::EveryRequest || self.is_accessed());
                if !patch.is_empty() || touch || start.ask == Ask::Renew {
                    patch = patch.touch(deadline.max(meta.idle_deadline));
                }
            }
        }
        if !start.delivered
            && record.is_some()
            && start.token.as_ref().is_some_and(|token| engine.store.needs_rewrite(token))
        {
            touch = true;
        }
        let changed = patch.changes_fields() || patch.limits().is_some();
        // A session that changes hands gets a new token in the same step.
        let renews = start.ask == Ask::Keep && self.live.data.changes_principal(&patch);
        let ask = if renews { Ask::Renew } else { start.ask };
        let plan = Situation { origin: start.origin, ask, changed, touch }.plan();
        if barred && !matches!(plan, Plan::Nothing | Plan::Touch | Plan::Destroy) {
            engine.hooks.warning(&Warning::PlainHttp);
            return Ok(());
        }
        let moves = match plan {
            Plan::Create | Plan::Renew | Plan::Replace => true,
            Plan::Update => engine.store.writes_move(),
            Plan::Nothing | Plan::Touch | Plan::Destroy => false,
        };
        // Asked before the store is: one that revokes would end the token that the client has.
        if start.delivered && moves {
            return Err(Error::HeadersSent);
        }
        match plan {
            Plan::Nothing => {
                if let (Some(record), true) = (record, !failed) {
                    self.live.data.written(record);
                }
                if start.ask == Ask::Destroy {
                    self.link().ended();
                }
            }
            Plan::Touch => self.touch(&start, record, &patch).await?,
            Plan::Create => self.create(&start).await?,
            Plan::Update | Plan::Renew => self.write(plan, &start, record, patch).await?,
            Plan::Destroy => self.end(&start).await?,
            Plan::Replace => {
                self.end(&start).await?;
                self.create(&start).await?;
            }
        }
        let mut link = self.link();
        link.left_behind = false;
        if link.ask == start.ask {
            link.ask = Ask::Keep;
        }
        if link.wishes == wishes && changed {
            link.wishes = Wishes::default();
        }
        Ok(())
    }

    fn patch(&self, creating: bool) -> Result<Patch, Error> {
        self.live.data.patch(creating).map_err(|(name, source)| Error::Field { name, source })
    }

    fn fits(&self, record: &Record) -> Result<(), Error> {
        let (actual, limit) = (record.as_bytes().len(), self.live.engine.settings.max_bytes);
        if actual > limit { Err(Error::Save(StoreError::TooLarge { actual, limit })) } else { Ok(()) }
    }

    async fn create(&self, start: &Start) -> Result<(), Error> {
        let engine = &self.live.engine;
        let patch = self.patch(true)?;
        let wishes = self.link().wishes.clone();
        let meta = engine.new_meta(&wishes, start.now).map_err(Error::Save)?;
        let record = Record::new(&meta, []).apply(&patch).map_err(conflict)?;
        self.fits(&record)?;
        let token = engine.io(engine.store.create(&record, start.now)).await.map_err(Error::Save)?;
        self.live.data.written(record);
        self.link().moved_to(token);
        self.tell(Moment::Started);
        Ok(())
    }

    /// Updates or renews.
    async fn write(
        &self,
        plan: Plan,
        start: &Start,
        record: Option<Record>,
        patch: Patch,
    ) -> Result<(), Error> {
        let (Some(record), Some(token)) = (record, &start.token) else { return Ok(()) };
        let engine = &self.live.engine;
        let after = record.apply(&patch).map_err(conflict)?;
        self.fits(&after)?;
        let answer = if plan == Plan::Renew {
            engine.store.renew(token, &patch, start.now)
        } else {
            engine.store.update(token, &patch, start.now)
        };
        let written = engine.io(answer).await.map_err(Error::Save)?;
        self.accept(written, start, &record, after, true)?;
        if plan == Plan::Renew && self.link().origin == Origin::Stored {
            self.tell(Moment::Regenerated);
        }
        Ok(())
    }

    async fn touch(&self, start: &Start, record: Option<Record>, patch: &Patch) -> Result<(), Error> {
        let (Some(record), Some(token)) = (record, &start.token) else { return Ok(()) };
        let engine = &self.live.engine;
        let after = record.with_idle_deadline(patch.meta(record.meta()).idle_deadline);
        match engine.io(engine.store.touch(token, after.meta().idle_deadline, start.now)).await {
            Ok(written) => self.accept(written, start, &record, after, false),
            Err(error) => {
                engine.hooks.error(&Error::Touch(error));
                Ok(())
            }
        }
    }

    /// Takes note of what became of a write to a stored session.
    fn accept(
        &self,
        written: Written,
        start: &Start,
        before: &Record,
        after: Record,
        changed: bool,
    ) -> Result<(), Error> {
        let engine = &self.live.engine;
        let (old, new) = (before.meta(), after.meta());
        let keep = || {
            if !start.failed {
                self.live.data.written(after);
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
                engine.hooks.gone(old.id);
                if changed && start.strict {
                    return Err(Error::Gone);
                }
            }
            Written::Conflict(field) => return Err(Error::Conflict { field }),
        }
        Ok(())
    }

    /// Ends the stored session. The client is told to forget its token even when the store fails.
    async fn end(&self, start: &Start) -> Result<(), Error> {
        let Some(token) = &start.token else { return Ok(()) };
        let engine = &self.live.engine;
        if let Err(error) = engine.io(engine.store.destroy(token)).await {
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
}

fn conflict(Conflict(field): Conflict) -> Error {
    Error::Conflict { field }
}
