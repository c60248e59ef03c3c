//! Ending many sessions: none of their values travels.

use redis::Value;
use session_core::{StoreError, Timestamp};
use tokio::time::Instant;

use crate::batch::{Call, Stride};
use crate::find::Which;
use crate::index::{Member, crowded};
use crate::key::Key;
use crate::layout::{bytes, field_name, read_id};
use crate::limit::fields;
use crate::outcome::Outcome;
use crate::script::{DESTROY, END};
use crate::servers::Servers;
use crate::store::Inner;

/// How often it is looked for sessions that were somewhere else by the time they were to be ended.
const TRIES: usize = 32;

/// A member of an index, and where its session may be.
type Target = (String, Key);

impl Inner {
    /// Ends the sessions that hold a value, expired ones and those that cannot be read among them. Returns how many had
    /// not expired.
    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        which: Which,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (mut ended, mut result) = (0, Ok(()));
        for index in self.indexes_of(name, value) {
            let mut members = self.members(&self.bulk, &index).await?;
            if which != Which::All {
                members = self.chosen(members, which).await?;
            }
            let targets = members.into_iter().filter_map(|member| {
                let origin = self.origin(&member)?;
                Some((member, origin))
            });
            let (more, failure) = self.end((name, value), targets.collect(), now).await;
            ended += more;
            result = result.and(failure);
        }
        result.map(|()| ended)
    }

    /// Those of the members whose sessions are meant. One whose handle id cannot be read is not the one that is spared.
    async fn chosen(&self, members: Vec<String>, which: Which) -> Result<Vec<String>, StoreError> {
        let mut chosen = Vec::with_capacity(members.len());
        for found in self.find(&self.bulk, members, |key| fields(key, &["m", "d"])).await? {
            let id = found.place.as_ref().and_then(|(key, answer)| {
                let Value::Array(fields) = answer else { return None };
                read_id(bytes(fields.first()?)?, key, &self.sealing).ok()
            });
            let is_meant = match which {
                Which::All => true,
                Which::But(spared) => id != Some(spared),
                Which::Only(one) => id == Some(one),
            };
            if is_meant {
                chosen.push(found.member);
            }
        }
        Ok(chosen)
    }

    /// Ends the sessions that members name while they hold the value. Returns how many, and whether that was all.
    async fn end(
        &self,
        held: (&str, &[u8]),
        mut targets: Vec<Target>,
        now: Timestamp,
    ) -> (u64, Result<(), StoreError>) {
        let servers = &self.bulk;
        let (mut ended, mut result) = (0, Ok(()));
        for _ in 0..TRIES {
            if targets.is_empty() {
                return (ended, result);
            }
            let (mut missed, mut damaged, mut left) = (Vec::new(), Vec::new(), Vec::new());
            let calls: Vec<_> =
                targets.iter().map(|(member, key)| Self::ending(servers, member, key, now)).collect();
            for (target, answer) in targets.into_iter().zip(servers.run_all(&END, &calls).await) {
                match answer.and_then(|answer| answer.as_ref().map_or(Ok(Outcome::Gone), Outcome::of)) {
                    Ok(Outcome::Gone) => missed.push(target),
                    Ok(Outcome::Expired(more)) => left.extend(more),
                    Ok(outcome) => {
                        ended += 1;
                        if let Outcome::Left(more) = outcome {
                            left.extend(more);
                        }
                    }
                    Err(StoreError::Corrupt(_)) => damaged.push(target.1),
                    Err(failure) => result = result.and(Err(failure)),
                }
            }
            self.forget(servers, &left, servers.until()).await;
            let after = async {
                let damaged = self.of_value(held, damaged).await?;
                let more = self.destroy_all(servers, &damaged, None).await?;
                Ok((more, self.moved(missed).await?))
            };
            match after.await {
                Ok((more, moved)) => {
                    ended += more;
                    targets = moved;
                }
                Err(failure) => return (ended, result.and(Err(failure))),
            }
        }
        (ended, result.and(Err(crowded())))
    }

    /// Ends the sessions that members name, whatever became of others.
    pub(crate) async fn end_members(
        &self,
        servers: &Servers,
        members: &[Member],
        now: Timestamp,
        until: Instant,
    ) -> Result<(), StoreError> {
        let call =
            |member: &Member| Some(Self::ending(servers, &member.member, &self.origin(&member.member)?, now));
        let calls: Vec<_> = members.iter().filter_map(call).collect();
        let mut left = Vec::new();
        for answer in servers.ask_together(&calls, Some(&END), until).await?.iter().flatten() {
            if let Outcome::Left(more) | Outcome::Expired(more) = Outcome::of(answer)? {
                left.extend(more);
            }
        }
        self.forget(servers, &left, until).await;
        Ok(())
    }

    fn ending(servers: &Servers, member: &str, key: &Key, now: Timestamp) -> Call {
        let mut cmd = servers.version(&END).on(&[&key.name]);
        cmd.arg(member).arg(now.as_millis());
        Call { key: key.clone(), cmd }
    }

    /// Where sessions are that the script did not find: their slot is on its way to another server, or they do not say
    /// any more what they are found by.
    async fn moved(&self, missed: Vec<Target>) -> Result<Vec<Target>, StoreError> {
        let mut moved = Vec::new();
        let members = missed.iter().map(|(member, _)| member.clone()).collect();
        for found in self.find(&self.bulk, members, |key| fields(key, &["m", "d"])).await? {
            let Some((key, _)) = found.place else { continue };
            if missed.iter().all(|(member, at)| *member != found.member || at.name != key.name) {
                moved.push((found.member, key));
            }
        }
        Ok(moved)
    }

    /// Those of the sessions that hold the value, or one that cannot be read.
    async fn of_value(&self, (name, value): (&str, &[u8]), keys: Vec<Key>) -> Result<Vec<Key>, StoreError> {
        let name = field_name(name);
        let calls: Vec<_> =
            keys.iter().map(|key| Call { key: key.clone(), cmd: fields(key, &[&name]) }).collect();
        let answers = self.bulk.ask_all(&calls, Stride::SHORT).await?;
        let holds = |key: &Key, answer: Option<Value>| {
            let Some(Value::Array(fields)) = &answer else { return true };
            match fields.first().and_then(bytes) {
                Some(stored) => self.sealing.open(key, &name, stored).map_or(true, |found| *found == *value),
                None => false,
            }
        };
        Ok(keys
            .into_iter()
            .zip(answers)
            .filter_map(|(key, answer)| holds(&key, answer).then_some(key))
            .collect())
    }

    /// Ends sessions, if they have expired at a moment, and returns how many there were. Of those that have not, the
    /// index gets back what it may have lost. One that fails keeps none of the others.
    pub(crate) async fn destroy_all(
        &self,
        servers: &Servers,
        keys: &[Key],
        expired: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let call = |key: &Key| {
            let mut cmd = servers.version(&DESTROY).on(&[&key.name]);
            if let Some(now) = expired {
                cmd.arg(now.as_millis());
            }
            Call { key: key.clone(), cmd }
        };
        let calls: Vec<_> = keys.iter().map(call).collect();
        let (mut destroyed, mut result) = (0, Ok(()));
        let (mut left, mut lost) = (Vec::new(), Vec::new());
        for answer in servers.run_all(&DESTROY, &calls).await {
            match answer.and_then(|answer| answer.as_ref().map_or(Ok(Outcome::Gone), Outcome::of)) {
                Ok(Outcome::Gone) => {}
                Ok(Outcome::Unreached(more)) => lost.push(more),
                Ok(Outcome::Left(more)) => {
                    destroyed += 1;
                    left.extend(more);
                }
                Ok(_) => destroyed += 1,
                Err(failure) => result = result.and(Err(failure)),
            }
        }
        self.forget(servers, &left, servers.until()).await;
        result = result.and(self.prolong(servers, &lost, servers.until()).await);
        result.map(|()| destroyed)
    }
}
