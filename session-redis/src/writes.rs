//! Writing sessions.

use session_core::{
    HandleId, Patch, Record, SessionLimit, StoreError, StoreKey, Timestamp, Token, WriteOutcome,
};

use crate::index::{Writing, reach};
use crate::key::{Key, mint_beside};
use crate::layout::{expiry, put_index, put_joins, put_patch, put_record, read_record};
use crate::outcome::Outcome;
use crate::script::{CREATE, DESTROY, WRITE};
use crate::servers::{Repeat, Topology};
use crate::store::Inner;

/// How many tokens are minted at most to find a free one.
const TRIES: u32 = 8;

impl Inner {
    /// Keeps a new session; `None` when a limit refuses it.
    pub(crate) async fn create(
        &self,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let meta = record.meta();
        self.horizon.see(&meta);
        if let Some(limit) = limit {
            self.end_orphans(limit).await;
        }
        for _ in 0..TRIES {
            let token = self.tokens.mint()?;
            let Some(key) = token.store_key() else { continue };
            let key = self.prefix.key(&key);
            let writing = Writing {
                script: &CREATE,
                key: &key,
                to: &key,
                reach: Some(reach(meta.idle_deadline, meta.lifetime_deadline, now)),
                now,
                // Done twice, it finds its own session.
                repeat: Repeat::Safe,
            };
            let mut joins = self.joins_of_record(record);
            self.bound(&mut joins, limit, now);
            let expected = self.expect(limit, &key);
            let created = self.write_indexed(&writing, joins, |joins, _| {
                let mut cmd = self.servers.version(&CREATE).on(&[&key.name]);
                cmd.arg(expiry(&record.meta()));
                put_joins(&mut cmd, joins);
                put_record(&mut cmd, record, &key, &self.sealing);
                cmd
            });
            let outcome = match created.await? {
                Outcome::Taken if self.is_at(record.meta().id, &key).await? => Outcome::Done,
                outcome => outcome,
            };
            expected.settle();
            match outcome {
                Outcome::Done => return Ok(Some(token)),
                Outcome::Full => return Ok(None),
                _ => {}
            }
        }
        Err(StoreError::NoFreeToken)
    }

    /// Ends the session under a key, and says whether there was one.
    pub(crate) async fn destroy(&self, key: &Key) -> Result<bool, StoreError> {
        let cmd = self.servers.version(&DESTROY).on(&[&key.name]);
        let until = self.servers.until();
        let answer = self.servers.run(&DESTROY, key, &cmd, Repeat::Safe, until).await?;
        let outcome = Outcome::of(&answer)?;
        if let Outcome::Left(left) = &outcome {
            self.forget(&self.servers, left, until).await;
        }
        Ok(!matches!(outcome, Outcome::Gone))
    }

    /// Whether a session is under a key. Of a key that nobody can guess and that is taken this tells that the call was
    /// sent twice, because the answer to the first was lost.
    async fn is_at(&self, id: HandleId, key: &Key) -> Result<bool, StoreError> {
        let mut cmd = redis::cmd("HGETALL");
        cmd.arg(&key.name);
        let answer = self.servers.ask(key, &cmd, self.servers.until()).await;
        match answer.and_then(|answer| read_record(&answer, key, &self.sealing)) {
            Ok(found) => Ok(found.is_some_and(|record| record.meta().id == id)),
            Err(StoreError::Corrupt(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Moves a session to a fresh token; [`WriteOutcome::LimitReached`] when a limit refuses it.
    pub(crate) async fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(old) = token.store_key() else { return Ok(WriteOutcome::Gone) };
        let key = self.prefix.key(&old);
        if let Some(limit) = limit {
            self.end_orphans(limit).await;
        }
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.sealing.ring {
            return self.write_sealed(ring, &key, Some(&old), patch, limit, now).await;
        }
        for _ in 0..TRIES {
            let fresh = self.mint_for_renewal(&old).await?;
            let Some(new) = fresh.store_key() else { continue };
            let new = self.prefix.key(&new);
            let expected = self.expect(limit, &new);
            let outcome = self.write(&key, Some(&new), patch, limit, now).await?;
            expected.settle();
            match outcome {
                Outcome::Done => return Ok(WriteOutcome::NewToken(fresh)),
                Outcome::Taken => {}
                outcome => return outcome.kept(),
            }
        }
        Err(StoreError::NoFreeToken)
    }

    /// Applies a patch, and moves the session to `fresh` if there is one.
    pub(crate) async fn write(
        &self,
        key: &Key,
        fresh: Option<&Key>,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let keys: Vec<_> = [Some(key), fresh].into_iter().flatten().map(|key| key.name.as_str()).collect();
        let only_touches = !patch.changes_fields() && patch.deadlines().is_none();
        let writing = Writing {
            script: &WRITE,
            key,
            to: fresh.unwrap_or(key),
            reach: patch.deadlines().map(|new| reach(new.idle_deadline, new.lifetime_deadline, now)),
            now,
            // A renewal that is done twice finds the session where the first time left it.
            repeat: if only_touches || fresh.is_some() { Repeat::Safe } else { Repeat::Unsafe },
        };
        let mut joins = self.joins_of_patch(patch);
        self.bound(&mut joins, limit, now);
        self.write_indexed(&writing, joins, |joins, unreached| {
            let mut cmd = self.servers.version(&WRITE).on(&keys);
            put_patch(&mut cmd, patch, now);
            put_index(&mut cmd, joins, unreached);
            cmd
        })
        .await
    }

    pub(crate) async fn mint_for_renewal(&self, old: &StoreKey) -> Result<Token, StoreError> {
        match &self.servers.topology {
            Topology::One(_) => self.tokens.mint(),
            Topology::Cluster(_) => mint_beside(old, &self.tokens).await,
        }
    }
}
