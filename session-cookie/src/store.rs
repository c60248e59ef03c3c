//! [`CookieStore`]: the store contract on sealed cookies.

use std::sync::Arc;
use std::time::Duration;

use session_core::{
    Capabilities, Change, Field, HandleId, Kind, Patch, Record, Store, StoreError, Timestamp, Token,
    WriteOutcome,
};

use crate::contents::Contents;
use crate::envelope::{Envelope, sealed_by};
use crate::refusal::{Refusal, RefusalLog};
use crate::revocable::{Revocable, after_renewal, after_write, has_aged_out};
use crate::ring::KeyRing;

/// Stores each session in its client's cookie, encrypted and authenticated.
///
/// The token is the sealed record, so every write returns [`WriteOutcome::NewToken`]. Of two responses in flight each
/// carries its own record: **the last cookie wins**, and the changes of the other response are lost. Use a store on the
/// server if concurrent requests write to one session.
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
    /// Maximum length of a token.
    pub(crate) capacity: usize,
    pub(crate) skew: Duration,
    pub(crate) revocable: Option<Revocable>,
    pub(crate) lost_updates: bool,
    pub(crate) refused: RefusalLog,
    /// Distinguishes this store from others, by pointer.
    pub(crate) identity: Arc<()>,
}

/// The decoded contents of a token, cached with its text. Valid for one store only, since others have other keys.
struct CachedContents {
    store: Arc<()>,
    contents: Contents,
}

impl CookieStore {
    /// Opens a token regardless of its deadlines. A request that loads and writes opens it once.
    fn open(&self, token: &Token) -> Result<Contents, Refusal> {
        let cached =
            token.cached::<CachedContents>().filter(|cached| Arc::ptr_eq(&cached.store, &self.identity));
        if let Some(cached) = cached {
            return Ok(cached.contents.clone());
        }
        let contents = self.envelope.open(&self.keys, token, self.capacity)?;
        token.cache(|| CachedContents { store: Arc::clone(&self.identity), contents: contents.clone() });
        Ok(contents)
    }

    /// Opens a token and checks its time of sealing and its deadlines.
    fn open_live(&self, token: &Token, now: Timestamp) -> Result<Contents, Refusal> {
        let contents = self.open(token)?;
        if contents.sealed_at > now.after(self.skew) {
            return Err(Refusal::FromTheFuture);
        }
        if contents.record.is_live(now) { Ok(contents) } else { Err(Refusal::Expired) }
    }

    /// Opens a token that is live and not revoked.
    async fn open_valid(&self, token: &Token, now: Timestamp) -> Result<Option<Contents>, StoreError> {
        let mut opened = self.open_live(token, now);
        if let (Ok(contents), Some(revocable)) = (&mut opened, &self.revocable) {
            match revocable.check(contents, now).await? {
                Some(joined_group_at) => contents.joined_group_at = joined_group_at,
                None => opened = Err(Refusal::Revoked),
            }
        }
        Ok(opened.inspect_err(|refusal| self.refused.note(*refusal)).ok())
    }

    /// Applies a patch to the record of a token and seals the result with the next generation.
    async fn rewrite(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
        next_generation: fn(u64) -> u64,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(old) = self.open_live(token, now).inspect_err(|refusal| self.refused.note(*refusal)).ok()
        else {
            return Ok(WriteOutcome::Gone);
        };
        let record = match old.record.apply(patch) {
            Ok(record) => record,
            Err(_) if self.open_valid(token, now).await?.is_none() => return Ok(WriteOutcome::Gone),
            Err(conflict) => return Ok(WriteOutcome::Conflict(conflict.0)),
        };
        // Of concurrent writes that compare, one succeeds: like a renewal it supersedes every other token, those within
        // the overlap too, so a token that was itself superseded must be refused before it does.
        let compares = patch.changes().any(|(_, change)| matches!(change, Change::CompareAndSet { .. }));
        if compares && self.open_valid(token, now).await?.is_none() {
            return Ok(WriteOutcome::Gone);
        }
        let next_generation = if compares { after_renewal } else { next_generation };
        let Some(joined_group_at) = self.join_groups(Some(&old), &record, now).await? else {
            return Ok(WriteOutcome::Gone);
        };
        let meta = record.meta();
        // Generations and revocation are per handle id: a new id starts over, and the session of the old one ends.
        let has_new_id = meta.id != old.record.meta().id;
        let (max_deadline, generation) = if has_new_id {
            (meta.lifetime_deadline, 0)
        } else {
            (old.max_deadline.max(meta.lifetime_deadline), next_generation(old.generation))
        };
        let new = Contents { sealed_at: now, max_deadline, generation, joined_group_at, record };
        // Sealed before the old token is superseded: a session that grew too large keeps the token it has.
        let token = self.seal(&new)?;
        if let Some(revocable) = &self.revocable {
            let (floor, until) =
                if has_new_id { (u64::MAX, old.max_deadline) } else { (generation, max_deadline) };
            if !revocable.supersede(&old, floor, until, now).await? {
                return Ok(WriteOutcome::Gone);
            }
        }
        Ok(WriteOutcome::NewToken(token))
    }

    /// Returns the `joined_group_at` of a session after a write; `None` when a group that it was in was revoked.
    async fn join_groups(
        &self,
        old: Option<&Contents>,
        record: &Record,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        match &self.revocable {
            Some(revocable) => revocable.join_groups(old, record, now).await,
            None => Ok(Some(old.map_or(now.as_millis(), |old| old.joined_group_at))),
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
        Ok(self.open_valid(token, now).await?.map(|contents| contents.record))
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let joined_group_at = self.join_groups(None, record, now).await?.unwrap_or(now.as_millis());
        let max_deadline = record.meta().lifetime_deadline;
        let record = record.clone();
        self.seal(&Contents { sealed_at: now, max_deadline, generation: 0, joined_group_at, record })
    }

    /// Concurrent updates may be lost: see [`CookieStore`].
    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.rewrite(token, patch, now, after_write).await
    }

    /// The new token has the same generation: one that differs in its deadline only supersedes nothing.
    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(old) = self.open_valid(token, now).await? else {
            return Ok(WriteOutcome::Gone);
        };
        let extends = idle_deadline > old.record.meta().idle_deadline;
        if !extends && !self.wants_rewrite(token) {
            return Ok(WriteOutcome::Done);
        }
        let record = if extends { old.record.with_idle_deadline(idle_deadline) } else { old.record.clone() };
        Ok(WriteOutcome::NewToken(self.seal(&Contents { sealed_at: now, record, ..old })?))
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.rewrite(token, patch, now, after_renewal).await
    }

    /// Has no effect in a stateless store, apart from the deletion of the client's cookie by the HTTP layer.
    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Ok(contents) = self.open(token) else { return Ok(false) };
        if let Some(revocable) = &self.revocable {
            revocable.revoke(&contents).await?;
        }
        Ok(true)
    }

    /// Without I/O: a live cookie is refused only by the revocation list.
    async fn refusal(&self, token: &Token, now: Timestamp) -> session_core::Refusal {
        match (self.open_live(token, now), &self.revocable) {
            (Err(refusal), _) => refusal.into(),
            (Ok(contents), Some(_)) if has_aged_out(&contents, now) => session_core::Refusal::Expired,
            (Ok(_), Some(_)) => session_core::Refusal::Revoked,
            (Ok(_), None) => session_core::Refusal::Unknown,
        }
    }

    /// Supported by revocable stores. Returns no handle ids, because the sessions are unknown: clients hold them.
    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        match &self.revocable {
            Some(revocable) => revocable.revoke_group(name, value, except, now).await.map(|()| Vec::new()),
            None => Err(StoreError::Unsupported("destroy_by")),
        }
    }

    /// Checks that the revocation list, if any, can be reached.
    async fn ping(&self) -> Result<(), StoreError> {
        match &self.revocable {
            Some(revocable) => revocable.ping().await,
            None => Ok(()),
        }
    }

    /// Whether a key other than the current one sealed the token.
    fn wants_rewrite(&self, token: &Token) -> bool {
        sealed_by(token).is_some_and(|id| id != *self.keys.sealing().id().as_bytes())
    }

    fn supports(&self, field: &Field) -> bool {
        self.lost_updates || matches!(field.kind, Kind::Plain | Kind::Flash | Kind::Entries { counter: None })
    }

    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::default().with_record_in_token();
        if self.revocable.is_none() { capabilities.with_stateless() } else { capabilities }
    }
}
