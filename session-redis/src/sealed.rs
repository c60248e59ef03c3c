//! Writing sealed sessions: read, changed and sealed here, and written if nobody else wrote in between.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use session_core::{Conflict, Patch, SessionLimit, StoreError, StoreKey, Timestamp, WriteOutcome};
use tokio::time::sleep;

use crate::index::{Writing, reach};
use crate::key::Key;
use crate::layout::{expiry, put_joins, read_record};
use crate::manifest::{self, MANIFEST, Stored};
use crate::outcome::{Outcome, corrupt};
use crate::script::RESEAL;
use crate::seal::Ring;
use crate::servers::Repeat;
use crate::store::Inner;

/// The longest pause after the first lost race with another process; it doubles each time, six times at most.
const PAUSE: Duration = Duration::from_millis(1);

impl Inner {
    /// Applies a patch to a sealed session, and moves it to a fresh token if `renewed` is the hash of its old one.
    ///
    /// Writers of this process take turns. A race with another process is lost only when that wrote, so the writers of
    /// all processes together always get on, and none gives up for another's sake.
    pub(crate) async fn write_sealed(
        &self,
        ring: &Ring,
        key: &Key,
        renewed: Option<&StoreKey>,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let writer = self.write_locks.writer(key);
        let _turn = writer.turn(self.servers.settings.response_timeout).await?;
        let mut lost = 0;
        loop {
            let written = self.try_sealed(ring, key, renewed, patch, limit, now).await?;
            writer.progress();
            if let Some(written) = written {
                return Ok(written);
            }
            sleep(jitter(lost)).await;
            lost += 1;
        }
    }

    /// `None` when the session was changed between reading and writing it.
    async fn try_sealed(
        &self,
        ring: &Ring,
        key: &Key,
        renewed: Option<&StoreKey>,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Option<WriteOutcome>, StoreError> {
        let mut cmd = redis::cmd("HGETALL");
        cmd.arg(&key.name);
        let answer = self.servers.ask(key, &cmd, self.servers.until()).await?;
        let record = read_record(&answer, key, &self.sealing)?;
        let Some(record) = record.filter(|record| record.is_live(now)) else {
            return Ok(Some(WriteOutcome::Gone));
        };
        let patched = match record.apply(patch) {
            Ok(patched) => patched,
            Err(Conflict(field)) => return Ok(Some(WriteOutcome::Conflict(field))),
        };
        let stored = Stored::read(&answer, key, ring).map_err(corrupt)?;

        let fresh = match renewed {
            Some(old) => Some(self.mint_for_renewal(old).await?),
            None => None,
        };
        let to = fresh.as_ref().and_then(|fresh| Some(self.prefix.key(&fresh.store_key()?)));
        let to = to.as_ref().unwrap_or(key);
        let meta = patched.meta();
        let reach = reach(meta.idle_deadline, meta.lifetime_deadline, now);
        // A renewal that is done twice finds the session where the first time left it.
        let repeat = if fresh.is_some() { Repeat::Safe } else { Repeat::Unsafe };
        let writing = Writing { script: &RESEAL, key, to, reach: Some(reach), now, repeat };
        let mut joins = self.joins_of_record(&patched);
        for join in &mut joins {
            join.is_held = stored.get("i").is_some_and(|index| join.is_in(index));
        }
        let holds = limit.is_some_and(|limit| record.get(limit.name) == Some(limit.value));
        self.bound(&mut joins, limit.filter(|_| !holds), now);
        let expected = self.expect(limit.filter(|_| fresh.is_some()), to);
        let written = self.write_indexed(&writing, joins, |joins, unreached| {
            let mut cmd = match &fresh {
                Some(_) => self.servers.version(&RESEAL).on(&[&key.name, &to.name]),
                None => self.servers.version(&RESEAL).on(&[&key.name]),
            };
            let sealed = manifest::seal(&patched, stored.writes.wrapping_add(1), to, ring);
            let dropped = stored.without(&sealed);
            cmd.arg(stored.get(MANIFEST)).arg(expiry(&meta)).arg(reach.as_millis());
            match unreached {
                Some(unreached) => cmd.arg(&unreached.index).arg(unreached.reach.as_millis()),
                None => cmd.arg("").arg(""),
            };
            cmd.arg(dropped.len()).arg(dropped);
            put_joins(&mut cmd, joins);
            for (name, value) in &sealed {
                if stored.get(name) != Some(value) {
                    cmd.arg(name).arg(value);
                }
            }
            cmd
        });
        let outcome = written.await?;
        expected.settle();
        match outcome {
            Outcome::Changed | Outcome::Taken => Ok(None),
            Outcome::Done => Ok(Some(fresh.map_or(WriteOutcome::Done, WriteOutcome::NewToken))),
            outcome => outcome.kept().map(Some),
        }
    }
}

/// A random pause after that many lost races.
fn jitter(lost: u32) -> Duration {
    let longest = PAUSE.saturating_mul(1 << lost.min(6));
    let random = RandomState::new().hash_one(lost);
    longest.mul_f64(f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX))
}
