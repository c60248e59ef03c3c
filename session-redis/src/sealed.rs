//! What takes more than one command when values are sealed: the server can neither add to them nor move them.

use std::time::Duration;

use redis::Value;
use session_core::{
    Cap, Change, Conflict, HandleId, Meta, Patch, Record, StoreError, StoreKey, Timestamp, Written,
};
use tokio::time::Instant;

use crate::index::{Writing, crowded, reach};
use crate::key::Key;
use crate::layout::{bytes, expiry, field_name, pairs, put_joins, put_record, read_record};
use crate::outcome::{Outcome, corrupt, unexpected};
use crate::script::RESEAL;
use crate::servers::Repeat;
use crate::store::Inner;

impl Inner {
    pub(crate) fn is_sealed(&self) -> bool {
        self.sealing.ring.is_some()
    }

    /// Updates, with each addition made a comparison with what the counter is now, until nobody comes in between.
    pub(crate) async fn update_sealed(
        &self,
        key: &Key,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let is_addition = |name: &str| matches!(patch.change(name), Some(Change::Add { .. }));
        let names: Vec<_> = patch.changes().map(|(name, _)| name).filter(|name| is_addition(name)).collect();
        if names.is_empty() {
            return self.write(key, None, patch, None, now).await?.kept();
        }
        let until = self.servers.until();
        while Instant::now() < until {
            let summed = self.summed(key, patch, &names).await?;
            match self.write(key, None, &summed, None, now).await? {
                Outcome::Conflict(name) if is_addition(&name) => {}
                outcome => return outcome.kept(),
            }
        }
        Err(crowded())
    }

    /// The patch, with the sums that its additions make.
    async fn summed(&self, key: &Key, patch: &Patch, names: &[&str]) -> Result<Patch, StoreError> {
        let mut cmd = redis::cmd("HMGET");
        cmd.arg(&key.name).arg(names.iter().map(|name| field_name(name)).collect::<Vec<_>>());
        let answer = self.servers.ask(key, &cmd, self.servers.until()).await?;
        let Value::Array(stored) = answer else { return Err(unexpected()) };
        let mut summed = patch.clone();
        for (name, stored) in names.iter().zip(&stored) {
            let Some(addition) = patch.change(name).cloned() else { continue };
            let expected = match bytes(stored) {
                None => None,
                Some(stored) => {
                    Some(self.sealing.open(key, &field_name(name), stored).map_err(corrupt)?.into_owned())
                }
            };
            let before = expected.as_deref().filter(|_| patch.keeps(name));
            let counter = Record::new(&no_meta(), before.map(|value| (*name, value)));
            let sum = counter.apply(&Patch::new().with((*name).to_owned(), addition));
            let value = sum.ok().and_then(|record| record.get(name).map(<[u8]>::to_vec));
            summed = summed.with((*name).to_owned(), Change::Swap { expected, value });
        }
        Ok(summed)
    }

    /// Renews: the values are read, sealed for the new key, and written if nobody came in between.
    pub(crate) async fn renew_sealed(
        &self,
        old: &StoreKey,
        patch: &Patch,
        cap: Option<Cap<'_>>,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let key = self.prefix.key(old);
        let until = self.servers.until();
        while Instant::now() < until {
            let mut cmd = redis::cmd("HGETALL");
            cmd.arg(&key.name);
            let answer = self.servers.ask(&key, &cmd, until).await?;
            let record = read_record(&answer, &key, &self.sealing).map_err(corrupt)?;
            let Some(record) = record.filter(|record| record.is_live(now)) else { return Ok(Written::Gone) };
            let renewed = match record.apply(patch) {
                Ok(renewed) => renewed,
                Err(Conflict(field)) => return Ok(Written::Conflict(field)),
            };
            let fresh = self.mint_for_renewal(old).await?;
            let Some(new) = fresh.store_key() else { continue };
            let new = self.prefix.key(&new);
            let fields = pairs(&answer).unwrap_or_default();
            let reach = reach(&renewed, now);
            let writing = Writing {
                script: &RESEAL,
                key: &key,
                to: &new,
                reach: Some(reach),
                now,
                repeat: Repeat::Unsafe,
            };
            let index = fields.iter().find_map(|(name, value)| (*name == b"i").then_some(*value));
            let mut joins = self.joins_of_record(&renewed);
            for join in &mut joins {
                join.is_held = index.is_some_and(|index| join.is_in(index));
            }
            let holds = cap.is_some_and(|cap| record.get(cap.name) == Some(cap.value));
            self.bound(&mut joins, cap.filter(|_| !holds), now);
            let resealed = self.write_indexed(&writing, joins, |joins, unreached| {
                let mut cmd = self.servers.version(&RESEAL).on(&[&key.name, &new.name]);
                cmd.arg(expiry(&renewed.meta())).arg(reach.as_millis());
                match unreached {
                    Some(unreached) => cmd.arg(&unreached.index).arg(unreached.reach.as_millis()),
                    None => cmd.arg("").arg(""),
                };
                cmd.arg(fields.len());
                for (name, value) in &fields {
                    cmd.arg(*name).arg(*value);
                }
                put_joins(&mut cmd, joins);
                put_record(&mut cmd, &renewed, &new, &self.sealing);
                cmd
            });
            match resealed.await? {
                Outcome::Done => return Ok(Written::Moved(fresh)),
                outcome @ (Outcome::Gone | Outcome::Full) => return outcome.kept(),
                _ => {}
            }
        }
        Err(crowded())
    }
}

/// Stands where a record needs one that nobody looks at.
fn no_meta() -> Meta {
    let never = Timestamp::NEVER;
    Meta {
        id: HandleId::from([0; 16]),
        created_at: never,
        idle_deadline: never,
        idle_timeout: Duration::MAX,
        lifetime_deadline: never,
        remember: false,
    }
}
