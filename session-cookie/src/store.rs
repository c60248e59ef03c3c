//! The store.

use std::sync::Arc;
use std::time::Duration;

use session_core::{
    Capabilities, Change, Field, HandleId, Kind, Patch, Record, Store, StoreError, Timestamp, Token,
    WriteOutcome,
};

use crate::KeyRing;
use crate::builder::CookieStoreBuilder;
use crate::contents::Contents;
use crate::envelope::{Envelope, sealed_by};
use crate::refusal::Refusal;
use crate::revocable::{Revocable, after_renewal, after_write};

/// Keeps each session in its client's cookie, encrypted and authenticated.
///
/// The token is the sealed record, so every write answers [`WriteOutcome::NewToken`]. Of two responses in flight
/// each carries its own record: **the last cookie wins**, and what the other changed is lost. Choose a store on
/// the server where concurrent requests write to one session.
///
/// ```no_run
/// use session_cookie::{CookieStore, Key};
///
/// let key = Key::from_env("SESSION_KEY")?;
/// let store = CookieStore::builder(key, "shop").stateless()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CookieStore {
    pub(crate) keys: KeyRing,
    pub(crate) envelope: Envelope,
    /// The longest token.
    pub(crate) capacity: usize,
    pub(crate) skew: Duration,
    pub(crate) revocable: Option<Revocable>,
    pub(crate) lost_updates: bool,
    /// Tells this store from all others.
    pub(crate) identity: Arc<()>,
}

/// A seal that could be opened, or why it could not.
type Opened = Result<Contents, Refusal>;

/// What a store found in a seal, for itself alone: another has other keys.
struct Note {
    by: Arc<()>,
    contents: Contents,
}

impl CookieStore {
    /// Starts a store that seals with these keys, one [`Key`](crate::Key) or several, for the application that `context`
    /// names, such as `"shop"`.
    ///
    /// Each seal is bound to the context: cookies of another application do not open although its keys are the same. Two
    /// environments of one application that share a key take different contexts too.
    pub fn builder(keys: impl Into<KeyRing>, context: impl Into<String>) -> CookieStoreBuilder {
        CookieStoreBuilder::new(keys.into(), context.into())
    }

    /// What is in the seal, whatever its times. A request that writes asks twice for what it opened once.
    fn unseal(&self, token: &Token) -> Opened {
        if let Some(note) = token.noted::<Note>().filter(|note| Arc::ptr_eq(&note.by, &self.identity)) {
            return Ok(note.contents.clone());
        }
        let contents = self.envelope.open(&self.keys, token, self.capacity)?;
        token.note(|| Note { by: Arc::clone(&self.identity), contents: contents.clone() });
        Ok(contents)
    }

    fn open(&self, token: &Token, now: Timestamp) -> Opened {
        let contents = self.unseal(token)?;
        if contents.sealed_at > now.after(self.skew) {
            return Err(Refusal::FromTheFuture);
        }
        if contents.record.is_live(now) { Ok(contents) } else { Err(Refusal::Expired) }
    }

    /// The live contents of a token that was not revoked.
    async fn admitted(&self, token: &Token, now: Timestamp) -> Result<Option<Contents>, StoreError> {
        let mut opened = self.open(token, now);
        if let (Ok(contents), Some(revocable)) = (&mut opened, &self.revocable) {
            match revocable.admits(contents, now).await? {
                Some(epoch) => contents.epoch = epoch,
                None => opened = Err(Refusal::Revoked),
            }
        }
        Ok(opened.inspect_err(|refusal| refusal.report()).ok())
    }

    /// Replaces the record of a token and moves on to another generation.
    async fn rewrite(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
        next: fn(u64) -> u64,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(old) = self.open(token, now).inspect_err(|refusal| refusal.report()).ok() else {
            return Ok(WriteOutcome::Gone);
        };
        let record = match old.record.apply(patch) {
            Ok(record) => record,
            Err(_) if self.admitted(token, now).await?.is_none() => return Ok(WriteOutcome::Gone),
            Err(conflict) => return Ok(WriteOutcome::Conflict(conflict.0)),
        };
        // Of writes that compare, one succeeds: like a renewal it outdates every other seal, those in the overlap too.
        // An outdated seal must not get that far.
        let compares = patch.changes().any(|(_, change)| matches!(change, Change::CompareAndSet { .. }));
        if compares && self.admitted(token, now).await?.is_none() {
            return Ok(WriteOutcome::Gone);
        }
        let next = if compares { after_renewal } else { next };
        let Some(epoch) = self.epoch(Some(&old), &record, now).await? else {
            return Ok(WriteOutcome::Gone);
        };
        let meta = record.meta();
        // Seals are numbered and end by the handle id: one of another is a first, and those before it are all ended.
        let is_another = meta.id != old.record.meta().id;
        let (horizon, generation) = if is_another {
            (meta.lifetime_deadline, 0)
        } else {
            (old.horizon.max(meta.lifetime_deadline), next(old.generation))
        };
        let new = Contents { sealed_at: now, horizon, generation, epoch, record };
        // Sealed first, so that a session that grew too large keeps the seal it has.
        let token = self.seal(&new)?;
        if let Some(revocable) = &self.revocable {
            let (to, until) = if is_another { (u64::MAX, old.horizon) } else { (generation, horizon) };
            if !revocable.advance(&old, to, until, now).await? {
                return Ok(WriteOutcome::Gone);
            }
        }
        Ok(WriteOutcome::NewToken(token))
    }

    /// The epoch of the session that becomes `record`; `None` when a group that it was in has ended.
    async fn epoch(
        &self,
        old: Option<&Contents>,
        record: &Record,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        match &self.revocable {
            Some(revocable) => revocable.epoch(old, record, now).await,
            None => Ok(Some(old.map_or(now.as_millis(), |old| old.epoch))),
        }
    }

    fn seal(&self, contents: &Contents) -> Result<Token, StoreError> {
        let name = self.envelope.name.len();
        let length = Envelope::length(contents);
        if length > self.capacity {
            return Err(StoreError::TooLarge { actual: name + length, limit: name + self.capacity });
        }
        self.envelope.seal(self.keys.sealing(), contents)
    }
}

impl Store for CookieStore {
    fn name(&self) -> &'static str {
        "cookie"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.admitted(token, now).await?.map(|contents| contents.record))
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let epoch = self.epoch(None, record, now).await?.unwrap_or(now.as_millis());
        let horizon = record.meta().lifetime_deadline;
        self.seal(&Contents { sealed_at: now, horizon, generation: 0, epoch, record: record.clone() })
    }

    /// When nothing concurrent is to be lost, choose another store: see [`CookieStore`].
    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.rewrite(token, patch, now, after_write).await
    }

    /// The new seal is of the same generation: one that differs in its deadline alone need not be outdated.
    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(old) = self.admitted(token, now).await? else {
            return Ok(WriteOutcome::Gone);
        };
        let moves = idle_deadline > old.record.meta().idle_deadline;
        if !moves && !self.wants_rewrite(token) {
            return Ok(WriteOutcome::Done);
        }
        let record = if moves { old.record.with_idle_deadline(idle_deadline) } else { old.record.clone() };
        Ok(WriteOutcome::NewToken(self.seal(&Contents { sealed_at: now, record, ..old })?))
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.rewrite(token, patch, now, after_renewal).await
    }

    /// Stateless, this does nothing: the client must forget its cookie.
    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Ok(contents) = self.unseal(token) else { return Ok(false) };
        if let Some(revocable) = &self.revocable {
            revocable.end(&contents).await?;
        }
        Ok(true)
    }

    /// For a revocable store. Answers 0, since nobody counts what clients hold.
    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        match &self.revocable {
            Some(revocable) => revocable.end_group(name, value, except, now).await.map(|()| 0),
            None => Err(StoreError::Unsupported("destroy_by")),
        }
    }

    /// Asks the revocation list, if there is one.
    async fn ping(&self) -> Result<(), StoreError> {
        match &self.revocable {
            Some(revocable) => revocable.ping().await,
            None => Ok(()),
        }
    }

    /// Whether an older key of the ring sealed it.
    fn wants_rewrite(&self, token: &Token) -> bool {
        sealed_by(token).is_some_and(|id| id != *self.keys.sealing().id().as_bytes())
    }

    fn supports(&self, field: &Field) -> bool {
        self.lost_updates || matches!(field.kind, Kind::Plain | Kind::Flash)
    }

    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::default().with_record_in_token();
        if self.revocable.is_none() { capabilities.with_stateless() } else { capabilities }
    }
}
