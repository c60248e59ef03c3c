//! Writes of sealed sessions: reads the session, changes and seals it, and writes it if it has not changed in between.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use session_core::seal::SealRing;
use session_core::{
    Conflict, HandleId, Limited, Patch, SessionLimit, StoreError, StoreKey, Timestamp, WriteOutcome,
};
use tokio::time::sleep;

use crate::client::send::Retry;
use crate::index::entry::{Entry, put_entries};
use crate::index::horizon::reach;
use crate::index::indexed_write::IndexedWrite;
use crate::inner::Inner;
use crate::key::Key;
use crate::layout::expiry;
use crate::lua::script::UPDATE_SEALED;
use crate::outcome::Outcome;
use crate::record::read_record;
use crate::seal::manifest::{self, MANIFEST, Stored};

/// Maximum pause after the first write that was lost to another process; it doubles each time, six times at most.
const MAX_PAUSE: Duration = Duration::from_millis(1);

impl Inner {
    /// Applies a patch to a sealed session, and renews it if `renewed` is the hash of its token.
    ///
    /// Writers of one process take turns. A writer loses to another process only if that one wrote, so the writers of
    /// all processes together make progress, and none gives up because of the others.
    pub(crate) async fn write_sealed(
        &self,
        ring: &SealRing,
        key: &Key,
        renewed: Option<&StoreKey>,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        let writer = self.write_locks.writer(key);
        let _guard = writer.lock(self.client.settings.response_timeout).await?;
        let (mut lost, mut evicted) = (0, Vec::new());
        loop {
            let written = self.try_sealed(ring, key, renewed, patch, limit, now, &mut evicted).await?;
            writer.note_progress();
            if let Some(result) = written {
                return Ok(Limited { result, evicted });
            }
            sleep(jitter(lost)).await;
            lost += 1;
        }
    }

    /// `None` if the session was changed between reading and writing it. Adds the sessions that it evicts for the limit.
    #[expect(clippy::too_many_arguments, reason = "one attempt at a write")]
    async fn try_sealed(
        &self,
        ring: &SealRing,
        key: &Key,
        renewed: Option<&StoreKey>,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
        evicted: &mut Vec<HandleId>,
    ) -> Result<Option<WriteOutcome>, StoreError> {
        let mut cmd = redis::cmd("HGETALL");
        cmd.arg(&key.name);
        let reply = self.client.query(key, &cmd, self.client.deadline()).await?;
        let record = read_record(&reply, key, &self.sealing)?;
        let Some(record) = record.filter(|record| record.is_live(now)) else {
            return Ok(Some(WriteOutcome::Gone));
        };
        let patched = match record.apply(patch) {
            Ok(patched) => patched,
            Err(Conflict(field)) => return Ok(Some(WriteOutcome::Conflict(field))),
        };
        let stored = Stored::read(&reply, key, ring)?;

        let new_token = match renewed {
            Some(old) => Some(self.mint_for_renewal(old).await?),
            None => None,
        };
        let new_key = new_token.as_ref().and_then(|token| Some(self.prefix.key(&token.store_key()?)));
        let new_key = new_key.as_ref().unwrap_or(key);
        let meta = patched.meta();
        let reach = reach(meta.idle_deadline, meta.lifetime_deadline, now);
        // A second execution of a renewal finds the session under its new key.
        let retry = if new_token.is_some() { Retry::Safe } else { Retry::Never };
        let write = IndexedWrite { script: &UPDATE_SEALED, key, new_key, reach: Some(reach), now, retry };
        let mut entries = Entry::of_record(&patched, &self.sealing);
        for entry in &mut entries {
            entry.is_held = stored.get("i").is_some_and(|index| entry.is_in(index));
        }
        let holds = limit.is_some_and(|limit| record.get(limit.name) == Some(limit.value));
        self.limit_entries(&mut entries, limit.filter(|_| !holds), now);
        let unconfirmed = self.unconfirmed(limit.filter(|_| new_token.is_some()), new_key);
        let written = self.write_indexed(&write, entries, |entries, extended| {
            let mut cmd = match &new_token {
                Some(_) => self.client.version(&UPDATE_SEALED).call(&[&key.name, &new_key.name]),
                None => self.client.version(&UPDATE_SEALED).call(&[&key.name]),
            };
            let sealed = manifest::seal(&patched, stored.writes.wrapping_add(1), new_key, ring);
            let dropped = stored.without(&sealed);
            cmd.arg(stored.get(MANIFEST)).arg(expiry(&meta)).arg(reach.as_millis());
            match extended {
                Some(extended) => cmd.arg(&extended.index).arg(extended.reach.as_millis()),
                None => cmd.arg("").arg(""),
            };
            cmd.arg(dropped.len()).arg(dropped);
            put_entries(&mut cmd, entries);
            for (name, value) in &sealed {
                if stored.get(name) != Some(value) {
                    cmd.arg(name).arg(value);
                }
            }
            cmd
        });
        let written = written.await?;
        unconfirmed.confirm();
        evicted.extend(written.evicted);
        match written.result {
            Outcome::Changed | Outcome::KeyTaken => Ok(None),
            Outcome::Done => Ok(Some(new_token.map_or(WriteOutcome::Done, WriteOutcome::NewToken))),
            outcome => outcome.into_write_outcome().map(Some),
        }
    }
}

/// A random pause after this many lost writes.
fn jitter(lost: u32) -> Duration {
    let longest = MAX_PAUSE.saturating_mul(1 << lost.min(6));
    let random = RandomState::new().hash_one(lost);
    longest.mul_f64(f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX))
}
