//! Creates, updates and renews sessions, each by one script.

use session_core::{
    HandleId, Limited, Patch, Record, SessionLimit, StoreError, StoreKey, Timestamp, Token, WriteOutcome,
};

use crate::client::send::{Retry, Topology};
use crate::index::entry::{Entry, put_entries, put_entry_changes};
use crate::index::horizon::reach;
use crate::index::indexed_write::IndexedWrite;
use crate::index::orphans::Unconfirmed;
use crate::inner::Inner;
use crate::key::{Key, mint_in_slot};
use crate::layout::{expiry, put_patch};
use crate::lua::script::{CREATE, UPDATE};
use crate::outcome::Outcome;
use crate::record::{put_record, read_record};

/// Maximum number of tokens generated to find a free one.
const MAX_TRIES: u32 = 8;

impl Inner {
    /// Creates a session. The result is `None` if its limit is reached.
    pub(crate) async fn create(
        &self,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        let meta = record.meta();
        self.horizon.observe(&meta);
        if let Some(limit) = limit {
            self.destroy_orphans(limit).await;
        }
        let mut evicted = Vec::new();
        for _ in 0..MAX_TRIES {
            let token = self.tokens.mint()?;
            let Some(key) = token.store_key() else { continue };
            let key = self.prefix.key(&key);
            let write = IndexedWrite {
                script: &CREATE,
                key: &key,
                new_key: &key,
                reach: Some(reach(meta.idle_deadline, meta.lifetime_deadline, now)),
                now,
                // A second execution finds the session of the first.
                retry: Retry::Safe,
            };
            let mut entries = Entry::of_record(record, &self.sealing);
            self.limit_entries(&mut entries, limit, now);
            let unconfirmed = self.unconfirmed(limit, &key);
            let created = self.write_indexed(&write, entries, |entries, _| {
                let mut cmd = self.client.version(&CREATE).call(&[&key.name]);
                cmd.arg(expiry(&record.meta()));
                put_entries(&mut cmd, entries);
                put_record(&mut cmd, record, &key, &self.sealing);
                cmd
            });
            let created = created.await?;
            evicted.extend(created.evicted);
            let outcome = match created.result {
                Outcome::KeyTaken if self.is_at(record.meta().id, &key).await? => Outcome::Done,
                outcome => outcome,
            };
            unconfirmed.confirm();
            match outcome {
                Outcome::Done => return Ok(Limited { result: Some(token), evicted }),
                Outcome::LimitReached => return Ok(Limited { result: None, evicted }),
                _ => {}
            }
        }
        Err(StoreError::NoFreeToken)
    }

    /// Renews a session: applies a patch, and gives it a new token.
    pub(crate) async fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        let Some(old) = token.store_key() else { return Ok(WriteOutcome::Gone.into()) };
        let key = self.prefix.key(&old);
        if let Some(limit) = limit {
            self.destroy_orphans(limit).await;
        }
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.sealing.ring {
            return self.write_sealed(ring, &key, Some(&old), patch, limit, now).await;
        }
        let mut evicted = Vec::new();
        for _ in 0..MAX_TRIES {
            let new_token = self.mint_for_renewal(&old).await?;
            let Some(new) = new_token.store_key() else { continue };
            let new = self.prefix.key(&new);
            let unconfirmed = self.unconfirmed(limit, &new);
            let written = self.write(&key, Some(&new), patch, limit, now).await?;
            unconfirmed.confirm();
            evicted.extend(written.evicted);
            let result = match written.result {
                Outcome::KeyTaken => continue,
                Outcome::Done => WriteOutcome::NewToken(new_token),
                outcome => outcome.into_write_outcome()?,
            };
            return Ok(Limited { result, evicted });
        }
        Err(StoreError::NoFreeToken)
    }

    /// Applies a patch, and renames the session to `new_key` if there is one.
    pub(crate) async fn write(
        &self,
        key: &Key,
        new_key: Option<&Key>,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let keys: Vec<_> = [Some(key), new_key].into_iter().flatten().map(|key| key.name.as_str()).collect();
        let only_touches =
            !patch.changes_fields() && patch.deadlines().is_none() && patch.authenticated_at().is_none();
        let write = IndexedWrite {
            script: &UPDATE,
            key,
            new_key: new_key.unwrap_or(key),
            reach: patch.deadlines().map(|new| reach(new.idle_deadline, new.lifetime_deadline, now)),
            now,
            // A second execution of a renewal finds the session under its new key.
            retry: if only_touches || new_key.is_some() { Retry::Safe } else { Retry::Never },
        };
        let mut entries = Entry::of_patch(patch, &self.sealing);
        self.limit_entries(&mut entries, limit, now);
        self.write_indexed(&write, entries, |entries, extended| {
            let mut cmd = self.client.version(&UPDATE).call(&keys);
            put_patch(&mut cmd, patch, now);
            put_entry_changes(&mut cmd, entries, extended);
            cmd
        })
        .await
    }

    /// Mints a token for the session of another one. In a cluster its key is in the same slot.
    pub(crate) async fn mint_for_renewal(&self, old: &StoreKey) -> Result<Token, StoreError> {
        match &self.client.topology {
            Topology::Single(_) => self.tokens.mint(),
            Topology::Cluster(_) => mint_in_slot(old, &self.tokens).await,
        }
    }

    /// Registers a session that is about to be written at `key`, as an orphan if it has a limit and its outcome stays
    /// unknown.
    pub(crate) fn unconfirmed(&self, limit: Option<SessionLimit<'_>>, key: &Key) -> Unconfirmed<'_> {
        let session = limit.map(|limit| (self.sealing.digest(limit.name, limit.value), key.clone()));
        self.orphans.unconfirmed(session)
    }

    /// Destroys the orphans of earlier sign-ins with the value of a limit. Those that remain after a failure are left
    /// to the next sign-in.
    async fn destroy_orphans(&self, limit: SessionLimit<'_>) {
        if self.orphans.is_empty() {
            return;
        }
        let digest = self.sealing.digest(limit.name, limit.value);
        while let Some((key, unconfirmed)) = self.orphans.take(&digest) {
            if self.destroy(&key).await.is_err() {
                return;
            }
            unconfirmed.confirm();
        }
    }

    /// Whether the session with this handle id is at a key. A key of 256 random bits that is taken was taken by the
    /// same call, whose first reply was lost.
    async fn is_at(&self, id: HandleId, key: &Key) -> Result<bool, StoreError> {
        let mut cmd = redis::cmd("HGETALL");
        cmd.arg(&key.name);
        let reply = self.client.query(key, &cmd, self.client.deadline()).await;
        match reply.and_then(|reply| read_record(&reply, key, &self.sealing)) {
            Ok(found) => Ok(found.is_some_and(|record| record.meta().id == id)),
            Err(StoreError::Corrupt(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
