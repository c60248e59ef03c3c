//! A store with one fault, for tests of the suite.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_core::{
    Capabilities, Change, Cursor, Deadlines, HandleId, Meta, Page, Patch, Record, Refusal, Store, StoreError,
    Timestamp, Token, WriteOutcome,
};

use self::custom_store::MapStore;

#[expect(dead_code, unreachable_pub, reason = "the file is a complete program")]
#[path = "../../src/docs/custom_store.rs"]
pub(crate) mod custom_store;

/// A fault of the store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    ExpiresTooLate,
    ExpiresTooEarly,
    RefusesMalformedTokens,
    ReadsAreTouches,
    CreatesTheSameToken,
    UpdateReplaces,
    UpdateIgnoresRemovals,
    UpdateRemovesUnconditionally,
    UpdateIgnoresDeadlines,
    UpdateIgnoresAuthentication,
    UpdateNeverGone,
    ClaimsRecordInToken,
    UpdateLosesRaces,
    UpdateWritesTwice,
    TouchShortens,
    TouchRestoresExpired,
    ConflictWritesTheRest,
    DropsEmptyValues,
    RenewKeepsTheOldToken,
    RenewKeepsTheToken,
    RenewChangesTheHandleId,
    RenewIgnoresItsPatch,
    IdentifyDropsNothing,
    IdentifyKeepsTheHandleId,
    IdentifyKeepsAuthentication,
    RenewLosesRaces,
    DestroyDoesNothing,
    DestroyFailsIfAbsent,
    DestroyAlwaysReturnsTrue,
    TruncatesLargeValues,
    CountsExpired,
    ListsExpired,
    ListEndsEarly,
    ClearDoesNothing,
    SweepsLiveSessions,
    SweepsWithoutCounting,
    ShowsTheToken,
    RefusesAllAsExpired,
    RefusesAllAsTampered,
}

pub(crate) struct Faulty {
    store: MapStore,
    fault: Fault,
    first: OnceLock<Token>,
    waiting: AtomicUsize,
}

impl Faulty {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { store: MapStore::default(), fault, first: OnceLock::new(), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a concurrent write of another thread to reach the same point, for a limited time.
    fn wait_for_another(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        for _ in 0..20_000 {
            if self.waiting.load(Ordering::SeqCst) > 1 {
                break;
            }
            std::thread::yield_now();
        }
        // Gives the other thread time to see that this one waits.
        std::thread::yield_now();
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Returns a faulty form of a patch that replaces the identity of a session.
    fn faulty_identify(&self, patch: &Patch, meta: &Meta) -> Patch {
        let Some((id, created_at)) = patch.identity() else { return patch.clone() };
        if self.is(Fault::IdentifyKeepsTheHandleId) {
            return patch.clone().identify(meta.id, created_at);
        }
        let all = patch
            .changes()
            .fold(Patch::new(), |all, (name, change)| all.with(name.to_owned(), change.clone()))
            .identify(id, created_at);
        let all = patch.authenticated_at().into_iter().fold(all, Patch::authenticate);
        patch.deadlines().into_iter().fold(all, Patch::set_deadlines)
    }
}

impl Store for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let millis = now.as_millis();
        match self.fault {
            Fault::ExpiresTooLate => self.store.load(token, Timestamp::from_millis(millis - 1)).await,
            Fault::ExpiresTooEarly => self.store.load(token, Timestamp::from_millis(millis + 1)).await,
            Fault::RefusesMalformedTokens if token.store_key().is_none() => {
                Err(StoreError::Corrupt("not a token".into()))
            }
            Fault::ShowsTheToken if token.store_key().is_some() => {
                let record = self.store.load(token, now).await?;
                Ok(record.map(|record| Record::new(&record.meta(), [(token.expose(), b"".as_slice())])))
            }
            Fault::ReadsAreTouches => {
                let later = now.after(Duration::from_secs(5_000));
                let _ = self.store.touch(token, later, now).await?;
                self.store.load(token, now).await
            }
            _ => self.store.load(token, now).await,
        }
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let first = self.first.get();
        if self.is(Fault::CreatesTheSameToken)
            && let Some(token) = first
        {
            let all =
                record.fields().fold(Patch::new(), |all, (name, value)| all.set(name.to_owned(), value));
            let _ = self.store.update(token, &all, now).await?;
            return Ok(token.clone());
        }
        let mut fields: Vec<_> = record.fields().collect();
        if self.is(Fault::DropsEmptyValues) {
            fields.retain(|(_, value)| !value.is_empty());
        }
        if self.is(Fault::TruncatesLargeValues) {
            for (_, value) in &mut fields {
                *value = &value[..value.len().min(65_535)];
            }
        }
        let token = self.store.create(&Record::new(&record.meta(), fields), now).await?;
        let _ = self.first.set(token.clone());
        Ok(token)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        match self.fault {
            Fault::UpdateReplaces => self.store.update(token, &patch.clone().keep_only([""; 0]), now).await,
            Fault::UpdateIgnoresRemovals => {
                self.store.update(token, &only(patch, |change| *change != Change::Remove), now).await
            }
            Fault::UpdateRemovesUnconditionally => {
                let conditional =
                    patch.changes().filter(|(_, change)| matches!(change, Change::RemoveIf { .. }));
                let patch = conditional.fold(patch.clone(), |patch, (name, _)| patch.remove(name.to_owned()));
                self.store.update(token, &patch, now).await
            }
            Fault::UpdateIgnoresDeadlines => self.store.update(token, &only(patch, |_| true), now).await,
            Fault::UpdateIgnoresAuthentication => {
                self.store.update(token, &without_authentication(patch), now).await
            }
            Fault::UpdateNeverGone => match self.store.update(token, patch, now).await? {
                WriteOutcome::Gone => Ok(WriteOutcome::Done),
                written => Ok(written),
            },
            Fault::UpdateLosesRaces => {
                let Some(record) = self.store.load(token, now).await? else { return Ok(WriteOutcome::Gone) };
                let Ok(patched) = record.apply(patch) else {
                    return self.store.update(token, patch, now).await;
                };
                let races = matches!(patch.change("visits"), Some(Change::Add { by: 1, .. }));
                if races {
                    self.wait_for_another();
                }
                let all = patched
                    .fields()
                    .fold(patch.clone(), |all, (name, value)| all.set(name.to_owned(), value));
                let written = self.store.update(token, &all, now).await;
                if races {
                    self.waiting.fetch_sub(1, Ordering::SeqCst);
                }
                written
            }
            Fault::UpdateWritesTwice => {
                if let Some((name, change)) = patch.changes().next()
                    && matches!(change, Change::Set(_))
                {
                    let _ = self
                        .store
                        .update(token, &Patch::new().with(name.to_owned(), change.clone()), now)
                        .await?;
                    tokio::task::yield_now().await;
                }
                self.store.update(token, patch, now).await
            }
            Fault::ConflictWritesTheRest => match self.store.update(token, patch, now).await? {
                WriteOutcome::Conflict(field) => {
                    let rest = only(patch, |change| !matches!(change, Change::CompareAndSet { .. }));
                    let _ = self.store.update(token, &rest, now).await?;
                    Ok(WriteOutcome::Conflict(field))
                }
                written => Ok(written),
            },
            _ => self.store.update(token, patch, now).await,
        }
    }

    async fn touch(
        &self,
        token: &Token,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let record = self.store.load(token, now).await?;
        match (self.fault, record) {
            (Fault::TouchShortens, Some(record)) => {
                let meta = record.meta();
                let deadlines = Deadlines {
                    idle_timeout: meta.idle_timeout,
                    idle_deadline: deadline,
                    lifetime_deadline: meta.lifetime_deadline,
                    remember: meta.remember,
                };
                self.store.update(token, &Patch::new().set_deadlines(deadlines), now).await
            }
            (Fault::TouchRestoresExpired, None) => {
                self.store.touch(token, deadline, Timestamp::from_millis(0)).await
            }
            _ => self.store.touch(token, deadline, now).await,
        }
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        match self.fault {
            Fault::RenewKeepsTheToken => self.store.update(token, patch, now).await,
            Fault::RenewIgnoresItsPatch => {
                let compared = only(patch, |change| matches!(change, Change::CompareAndSet { .. }));
                self.store.renew(token, &compared, now).await
            }
            Fault::IdentifyDropsNothing | Fault::IdentifyKeepsTheHandleId => {
                let Some(record) = self.store.load(token, now).await? else { return Ok(WriteOutcome::Gone) };
                self.store.renew(token, &self.faulty_identify(patch, &record.meta()), now).await
            }
            Fault::IdentifyKeepsAuthentication => {
                let Some(record) = self.store.load(token, now).await? else { return Ok(WriteOutcome::Gone) };
                let time = patch.authenticated_at().or(record.meta().authenticated_at);
                let patch = time.into_iter().fold(patch.clone(), Patch::authenticate);
                self.store.renew(token, &patch, now).await
            }
            Fault::RenewKeepsTheOldToken | Fault::RenewLosesRaces | Fault::RenewChangesTheHandleId => {
                let Some(record) = self.store.load(token, now).await? else { return Ok(WriteOutcome::Gone) };
                let Ok(mut record) = record.apply(patch) else {
                    return self.store.update(token, patch, now).await;
                };
                if self.is(Fault::RenewChangesTheHandleId) {
                    let meta = Meta { id: HandleId::random()?, ..record.meta() };
                    record = Record::new(&meta, record.fields());
                }
                if self.is(Fault::RenewLosesRaces) {
                    self.wait_for_another();
                }
                let fresh = self.store.create(&record, now).await?;
                if !self.is(Fault::RenewKeepsTheOldToken) {
                    self.store.destroy(token).await?;
                }
                if self.is(Fault::RenewLosesRaces) {
                    self.waiting.fetch_sub(1, Ordering::SeqCst);
                }
                Ok(WriteOutcome::NewToken(fresh))
            }
            _ => self.store.renew(token, patch, now).await,
        }
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        match self.fault {
            Fault::DestroyDoesNothing => Ok(true),
            Fault::DestroyAlwaysReturnsTrue => self.store.destroy(token).await.and(Ok(true)),
            Fault::DestroyFailsIfAbsent
                if self.store.load(token, Timestamp::from_millis(0)).await?.is_none() =>
            {
                Err(StoreError::Unavailable("no such row".into()))
            }
            _ => self.store.destroy(token).await,
        }
    }

    async fn refusal(&self, _token: &Token, _now: Timestamp) -> Refusal {
        match self.fault {
            Fault::RefusesAllAsExpired => Refusal::Expired,
            Fault::RefusesAllAsTampered => Refusal::Tampered,
            _ => Refusal::Unknown,
        }
    }

    fn capabilities(&self) -> Capabilities {
        match self.fault {
            Fault::ClaimsRecordInToken => Capabilities::default().with_record_in_token(),
            _ => Capabilities::default(),
        }
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.count(if self.is(Fault::CountsExpired) { Timestamp::from_millis(0) } else { now }).await
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let now = if self.is(Fault::ListsExpired) { Timestamp::from_millis(0) } else { now };
        let mut page = self.store.list(after, limit, now).await?;
        if self.is(Fault::ListEndsEarly) && after.is_some() {
            page.next = None;
        }
        Ok(page)
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        if self.is(Fault::ClearDoesNothing) { Ok(2) } else { self.store.clear().await }
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let swept = match self.fault {
            Fault::SweepsLiveSessions => self.store.sweep(now.after(Duration::from_secs(30 * 60))).await?,
            _ => self.store.sweep(now).await?,
        };
        Ok(if self.is(Fault::SweepsWithoutCounting) { 0 } else { swept })
    }
}

/// Returns the patch without its time of authentication.
fn without_authentication(patch: &Patch) -> Patch {
    let patch_without_metadata = only(patch, |_| true);
    let touched = patch.idle_deadline().into_iter().fold(patch_without_metadata, Patch::touch);
    let limited = patch.deadlines().into_iter().fold(touched, Patch::set_deadlines);
    patch.identity().into_iter().fold(limited, |patch, (id, created_at)| patch.identify(id, created_at))
}

/// Returns the patch with some of its changes and without its deadlines.
fn only(patch: &Patch, keep: impl Fn(&Change) -> bool) -> Patch {
    let chosen = patch.changes().filter(|(_, change)| keep(change));
    let only = chosen.fold(Patch::new(), |patch, (name, change)| patch.with(name.to_owned(), change.clone()));
    match patch.kept() {
        Some(kept) => only.keep_only(kept.map(str::to_owned)),
        None if patch.drops_all() => only.drop_all(),
        None => only,
    }
}
