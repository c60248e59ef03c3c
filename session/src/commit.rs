//! Executes the decision: at most one atomic write, never to a session that is gone.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use session_core::{
    Conflict, HandleId, Limited, Patch, Record, SessionLimit, StoreError, Timestamp, Token, WriteOutcome,
};

use crate::data::{Handover, Unwritable, new_principal};
use crate::decide::{CommitInput, Decision, Trigger};
use crate::engine::Engine;
use crate::error::Error;
use crate::outcome::Write;
use crate::plan::{Origin, Plan, Requested};
use crate::session_event::{EndReason, SessionEvent};
use crate::shared::Shared;
use crate::state::{Ending, Freshness, PendingCookie, Response, Unsaved};

/// Maximum number of retries of a commit after conflicts of pushed messages. With each failure another request succeeded.
const PUSH_ATTEMPTS: usize = 20;

impl Shared {
    /// Brings the store up to date with this session. Reports each error once.
    pub(crate) async fn commit(&self, trigger: Trigger) -> Result<(), Error> {
        let _commit = self.commit_lock.lock().await;
        let mut input = self.commit_input(trigger);
        let mut result = self.carry_out(&input).await;
        if let Err(Error::Conflict { field }) = &result
            && self.contents().pushes_to(field)
        {
            result = Box::pin(self.push_again(&input, field.clone())).await;
        }
        if let (Err(error), Trigger::Response { failed: false, .. }) = (&result, trigger)
            && is_unwritable(error)
            && self.contents().departs()
        {
            // The response becomes an error, but the sign-out of a principal is saved.
            input.failed = true;
            if let Err(further) = self.carry_out(&input).await {
                self.engine.hooks.error(error);
                result = Err(further);
            }
        }
        self.state().unsaved = Unsaved::known_if(result.is_err());
        let hooks = &self.engine.hooks;
        match &result {
            Ok(()) | Err(Error::Gone) => {}
            // `save` returns them to its caller; a finished handler cannot receive them.
            Err(Error::Conflict { .. } | Error::TooManySessions) if trigger == Trigger::Save => {}
            Err(error) => hooks.error(error),
        }
        result
    }

    /// Saves pushed items after those that other requests pushed meanwhile to the same flash field.
    async fn push_again(&self, input: &CommitInput, mut field: String) -> Result<(), Error> {
        let mut attempts = 1..=PUSH_ATTEMPTS;
        loop {
            let Some(token) = input.token.as_ref().filter(|_| attempts.next().is_some()) else {
                return Err(Error::Conflict { field });
            };
            // The write detects a session that is gone.
            let loaded = self.engine.io(self.engine.store.load(token, input.now)).await;
            if let Some(record) = loaded.map_err(Error::Save)? {
                self.contents().rejoin(&field, &record);
            }
            match self.carry_out(input).await {
                Err(Error::Conflict { field: other }) if self.contents().pushes_to(&other) => field = other,
                result => return result,
            }
        }
    }

    async fn carry_out(&self, input: &CommitInput) -> Result<(), Error> {
        let engine = &self.engine;
        if input.origin == Origin::Gone && input.requested != Requested::Destroy {
            return if input.fail_if_gone && self.has_lost(input) { Err(Error::Gone) } else { Ok(()) };
        }
        let (made, is_proved) = self.changes(input);
        let mut patch = match made {
            Ok(patch) => patch,
            Err(error) => {
                if input.requested == Requested::Destroy {
                    self.end(input).await?;
                }
                return Err(unwritable(error));
            }
        };
        let Decision { plan, handover, record } = self.decide(input, &mut patch).map_err(Error::Save)?;
        if input.is_obstructed && !matches!(plan, Plan::Nothing | Plan::Touch | Plan::Destroy) {
            self.warn_of_obstacle();
            if handover == Handover::Left {
                // The principal is signed out although no new session can be created.
                self.state().destroy(record, EndReason::Destroyed);
                self.contents().replace(None);
            } else if plan != Plan::Replace {
                return Ok(());
            }
            self.end(input).await?;
            self.state().requested = Requested::Nothing;
            return Ok(());
        }
        // Checked first: a revocable store would invalidate the token that the client has.
        let capabilities = engine.store.capabilities();
        let ends_by_cookie = plan == Plan::Destroy && capabilities.stateless;
        if input.response == Response::Sent
            && (ends_by_cookie || plan.changes_token(capabilities.record_in_token))
        {
            return Err(Error::HeadersSent);
        }
        let changed = patch.changes_fields() || patch.deadlines().is_some();
        match plan {
            Plan::Nothing => {
                if let (Some(record), false) = (record, input.failed) {
                    self.contents().written(record);
                }
                if input.requested == Requested::Destroy {
                    self.state().ended();
                }
            }
            Plan::Touch | Plan::Update | Plan::Renew => {
                if let (Some(before), Some(token)) = (record, &input.token) {
                    #[cfg(feature = "csrf")]
                    if plan == Plan::Renew {
                        crate::csrf::secret::replace(&before, &mut patch).map_err(Error::Save)?;
                    }
                    let write = Write { plan, handover, before, patch: &mut patch };
                    if let Some(written) = self.write(&write, token, input.now).await? {
                        self.accept(write, written, input).await?;
                    }
                }
            }
            Plan::Destroy => {
                // The session was given an end that has passed, which is a request to destroy it.
                if record.is_some() {
                    self.state().destroy(record, EndReason::Destroyed);
                    self.contents().replace(None);
                }
                self.end(input).await?;
                self.state().requested = Requested::Nothing;
            }
            Plan::Create | Plan::Replace => {
                if plan == Plan::Replace {
                    self.end(input).await?;
                }
                // Read-only fields have no later chance.
                let construct = || {
                    let mut contents = self.contents();
                    contents.has_readonly().then(|| contents.patch(true)).transpose()
                };
                if let Some(all) = construct().map_err(unwritable)? {
                    patch = all;
                }
                self.create(input, &patch).await?;
            }
        }
        let mut state = self.state();
        if is_proved {
            state.freshness = Freshness::ByTime;
        }
        if state.requested == input.requested {
            state.requested = Requested::Nothing;
        }
        // Settings of a session that is not stored wait for its creation.
        let is_carried_out = changed || input.origin == Origin::Stored && !input.failed;
        if state.overrides == input.overrides && is_carried_out {
            state.overrides = None;
        }
        Ok(())
    }

    /// The changes to write, and whether the principal of bound fields signs in or authenticates with them.
    fn changes(&self, input: &CommitInput) -> (Result<Patch, Unwritable>, bool) {
        let mut contents = self.contents();
        if input.failed {
            return (contents.departure(), false);
        }
        let is_proved =
            contents.binds() && contents.bind(input.authenticates(), &|bind| self.client_value(bind));
        (contents.patch(false), is_proved)
    }

    /// Whether changes or requests for a session that is gone are lost.
    fn has_lost(&self, input: &CommitInput) -> bool {
        let requested = input.requested == Requested::Renew || input.overrides.is_some();
        requested
            || !input.failed && (self.state().is_lost() && input.in_response || self.contents().has_changes())
    }

    /// Whether a record of this size is within the limit.
    fn fits(&self, actual: usize) -> Result<(), Error> {
        let limit = self.engine.settings.max_bytes;
        if actual > limit { Err(Error::Save(StoreError::TooLarge { actual, limit })) } else { Ok(()) }
    }

    async fn create(&self, input: &CommitInput, patch: &Patch) -> Result<(), Error> {
        let engine = &self.engine;
        let record = self.new_record(input, patch)?;
        if !record.is_live(input.now) {
            return Ok(());
        }
        let created = match engine.session_limit(None, patch) {
            None => engine.io(engine.store.create(&record, input.now)).await.map(Some),
            Some(limit) => {
                let created = engine.io(engine.store.create_limited(&record, limit, input.now)).await;
                created.map(|created| engine.report_evicted(created, limit))
            }
        };
        let Some(token) = created.map_err(Error::Save)? else { return Err(self.refused(None)) };
        self.contents().written(record);
        self.state().moved_to(token);
        self.notify_started();
        Ok(())
    }

    fn new_record(&self, input: &CommitInput, patch: &Patch) -> Result<Record, Error> {
        let signs_in = self.contents().signs_in(patch);
        let meta =
            self.engine.new_meta(input.overrides.as_deref(), signs_in, input.now).map_err(Error::Save)?;
        let record = Record::created(meta, patch).map_err(conflict)?;
        self.fits(record.as_bytes().len())?;
        Ok(record)
    }

    /// Touches, updates or renews. `None` for a touch that failed, which was reported already.
    async fn write(
        &self,
        write: &Write<'_>,
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
        // Only if the estimate is close to the limit is the patch applied to know the size.
        if self.fits(before.as_bytes().len() + patch.size()).is_err() {
            self.fits(before.apply(patch).map_err(conflict)?.as_bytes().len())?;
        }
        let limit = engine.session_limit(Some(before), patch);
        let written = match (plan, limit) {
            (Plan::Renew, Some(limit)) => {
                let renewed = engine.io(engine.store.renew_limited(token, patch, limit, now)).await;
                renewed.map(|renewed| engine.report_evicted(renewed, limit))
            }
            (Plan::Renew, None) => engine.io(engine.store.renew(token, patch, now)).await,
            _ => engine.io(engine.store.update(token, patch, now)).await,
        };
        let written = written.map_err(Error::Save)?;
        if patch.deadlines().is_some() {
            engine.deadline_changes.fetch_add(1, Ordering::Release);
        }
        Ok(Some(written))
    }

    /// Undoes a sign-in beyond the session limit, so that no later commit of this request tries it again.
    pub(crate) fn refused(&self, id: Option<HandleId>) -> Error {
        self.contents().restore_principal();
        self.engine.hooks.event(|| SessionEvent::LimitReached { id });
        Error::TooManySessions
    }

    /// Ends the stored session. The client's cookie is deleted even when the store fails.
    async fn end(&self, input: &CommitInput) -> Result<(), Error> {
        let Some(token) = &input.token else { return Ok(()) };
        let engine = &self.engine;
        let result = match engine.io(engine.store.destroy(token)).await {
            Ok(true) => Ok(()),
            Ok(false) => self.follow(input.now).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            self.state().pending = PendingCookie::Deletion;
            return Err(Error::Destroy(error));
        }
        self.state().ended();
        let ended = self.state().ending.take();
        if let Some(ending) = ended {
            self.notify_destroyed(ending);
        }
        Ok(())
    }

    /// If a concurrent request rotated the token, destroys the session by its handle id, provided the principal is unchanged.
    async fn follow(&self, now: Timestamp) -> Result<(), StoreError> {
        let Some(Ending { record, .. }) = self.state().ending.clone() else { return Ok(()) };
        let Some((name, value)) = self.contents().principal_in(&record) else { return Ok(()) };
        let engine = &self.engine;
        match engine.io(engine.store.destroy_by_id(record.meta().id, Some((name, value)), now)).await {
            Err(StoreError::Unsupported(_)) => Ok(()),
            result => result.map(drop),
        }
    }
}

impl Engine {
    /// Reports the sessions that a write under a limit evicted, and returns the result of the write.
    fn report_evicted<T>(self: &Arc<Self>, written: Limited<T>, limit: SessionLimit<'_>) -> T {
        self.notify_ended(&written.evicted, EndReason::Evicted, Some((limit.name, limit.value)));
        written.result
    }

    /// The limit for a patch to `before`, if it signs in a principal.
    fn session_limit<'a>(&self, before: Option<&Record>, patch: &'a Patch) -> Option<SessionLimit<'a>> {
        let (max, on_full) = self.settings.session_limit?;
        let (name, value) = new_principal(patch)?;
        if before.and_then(|before| before.get(name)) == Some(value) {
            return None;
        }
        Some(SessionLimit { name, value, max: NonZeroUsize::new(max)?, on_full })
    }
}

/// Whether an error occurred before any call of the store.
fn is_unwritable(error: &Error) -> bool {
    matches!(error, Error::Field { .. } | Error::Save(StoreError::TooLarge { .. }))
}

fn conflict(Conflict(field): Conflict) -> Error {
    Error::Conflict { field }
}

fn unwritable((name, source): Unwritable) -> Error {
    Error::Field { name, source }
}
