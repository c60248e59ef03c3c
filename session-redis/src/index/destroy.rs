//! Destroys the sessions that hold a value, without reading their data.

use redis::Value;
use session_core::{HandleId, StoreError, Timestamp};
use tokio::time::Instant;

use crate::client::batch::{Call, ChunkSize};
use crate::client::failure::contended;
use crate::client::reply::bytes;
use crate::client::send::Client;
use crate::inner::Inner;
use crate::key::Key;
use crate::layout::field_name;
use crate::lua::script::DESTROY_MEMBER;
use crate::outcome::{Member, Outcome};
use crate::record::{hmget, read_id};

/// How often sessions are looked up again that had another key by the time they were to be destroyed.
const MAX_TRIES: usize = 32;

/// Which of the sessions that hold a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    All,
    Except(HandleId),
    Only(HandleId),
}

/// An index member, and the key that its session is expected under.
type Target = (String, Key);

impl Inner {
    /// Destroys the sessions that hold a value, including expired ones and those that cannot be read. Returns how many
    /// had not expired.
    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        selection: Selection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (mut destroyed, mut result) = (0, Ok(()));
        for index in self.indexes_of(name, value) {
            let mut members = self.members(&self.bulk, &index).await?;
            if selection != Selection::All {
                members = self.select(members, selection).await?;
            }
            let targets = members.into_iter().filter_map(|member| {
                let origin = self.origin_key(&member)?;
                Some((member, origin))
            });
            let (more, failure) = self.destroy_targets((name, value), targets.collect(), now).await;
            destroyed += more;
            result = result.and(failure);
        }
        result.map(|()| destroyed)
    }

    /// The members of the selected sessions. A session whose handle id cannot be read is not the excepted one.
    async fn select(&self, members: Vec<String>, selection: Selection) -> Result<Vec<String>, StoreError> {
        let mut selected = Vec::with_capacity(members.len());
        let query = |key: &Key| hmget(key, &["m", "d"]);
        for located in self.locate(&self.bulk, members, query, ChunkSize::SHORT_REPLIES).await? {
            let id = located.session.as_ref().and_then(|(key, reply)| {
                let Value::Array(fields) = reply else { return None };
                read_id(bytes(fields.first()?)?, key, &self.sealing).ok()
            });
            let is_selected = match selection {
                Selection::All => true,
                Selection::Except(excepted) => id != Some(excepted),
                Selection::Only(only) => id == Some(only),
            };
            if is_selected {
                selected.push(located.member);
            }
        }
        Ok(selected)
    }

    /// Destroys sessions as long as they hold the value. Returns how many, and the first failure, after which the others
    /// are destroyed nevertheless.
    async fn destroy_targets(
        &self,
        value: (&str, &[u8]),
        mut targets: Vec<Target>,
        now: Timestamp,
    ) -> (u64, Result<(), StoreError>) {
        let client = &self.bulk;
        let (mut destroyed, mut result) = (0, Ok(()));
        for _ in 0..MAX_TRIES {
            if targets.is_empty() {
                return (destroyed, result);
            }
            let (mut missed, mut damaged, mut stale) = (Vec::new(), Vec::new(), Vec::new());
            let calls: Vec<_> =
                targets.iter().map(|(member, key)| destroy_member(client, member, key, now)).collect();
            for (target, reply) in targets.into_iter().zip(client.run_all(&DESTROY_MEMBER, &calls).await) {
                match reply.and_then(|reply| reply.as_ref().map_or(Ok(Outcome::Gone), Outcome::parse)) {
                    Ok(Outcome::Gone) => missed.push(target),
                    Ok(Outcome::Expired(more)) => stale.extend(more),
                    Ok(outcome) => {
                        destroyed += 1;
                        if let Outcome::DoneStale(more) = outcome {
                            stale.extend(more);
                        }
                    }
                    Err(StoreError::Corrupt(_)) => damaged.push(target.1),
                    Err(failure) => result = result.and(Err(failure)),
                }
            }
            self.remove_members(client, &stale, client.deadline()).await;
            let after = async {
                let damaged = self.holders_among(value, damaged).await?;
                let more = self.destroy_all(client, &damaged, None).await?;
                Ok((more, self.moved(missed).await?))
            };
            match after.await {
                Ok((more, moved)) => {
                    destroyed += more;
                    targets = moved;
                }
                Err(failure) => return (destroyed, result.and(Err(failure))),
            }
        }
        (destroyed, result.and(Err(contended())))
    }

    /// Destroys the sessions of members. Fails if one cannot be destroyed, after all others are.
    pub(crate) async fn destroy_members(
        &self,
        client: &Client,
        members: &[Member],
        now: Timestamp,
        deadline: Instant,
    ) -> Result<(), StoreError> {
        let call = |member: &Member| {
            Some(destroy_member(client, &member.name, &self.origin_key(&member.name)?, now))
        };
        let calls: Vec<_> = members.iter().filter_map(call).collect();
        let mut stale = Vec::new();
        for reply in client.query_chunk(&calls, Some(&DESTROY_MEMBER), deadline).await?.iter().flatten() {
            if let Outcome::DoneStale(more) | Outcome::Expired(more) = Outcome::parse(reply)? {
                stale.extend(more);
            }
        }
        self.remove_members(client, &stale, deadline).await;
        Ok(())
    }

    /// Current keys of sessions that the script did not find: their slot is being migrated, or they no longer say that
    /// they have the member.
    async fn moved(&self, missed: Vec<Target>) -> Result<Vec<Target>, StoreError> {
        let mut moved = Vec::new();
        let members = missed.iter().map(|(member, _)| member.clone()).collect();
        let query = |key: &Key| hmget(key, &["m", "d"]);
        for located in self.locate(&self.bulk, members, query, ChunkSize::SHORT_REPLIES).await? {
            let Some((key, _)) = located.session else { continue };
            if missed.iter().all(|(member, at)| *member != located.member || at.name != key.name) {
                moved.push((located.member, key));
            }
        }
        Ok(moved)
    }

    /// The sessions among `keys` that hold the value, or one that cannot be read.
    async fn holders_among(
        &self,
        (name, value): (&str, &[u8]),
        keys: Vec<Key>,
    ) -> Result<Vec<Key>, StoreError> {
        let name = field_name(name);
        let calls: Vec<_> =
            keys.iter().map(|key| Call { key: key.clone(), cmd: hmget(key, &[&name]) }).collect();
        let replies = self.bulk.query_all(&calls, ChunkSize::SHORT_REPLIES).await?;
        let holds = |key: &Key, reply: Option<Value>| {
            let Some(Value::Array(fields)) = &reply else { return true };
            match fields.first().and_then(bytes) {
                Some(stored) => self.sealing.open(key, &name, stored).map_or(true, |found| *found == *value),
                None => false,
            }
        };
        Ok(keys
            .into_iter()
            .zip(replies)
            .filter_map(|(key, reply)| holds(&key, reply).then_some(key))
            .collect())
    }
}

fn destroy_member(client: &Client, member: &str, key: &Key, now: Timestamp) -> Call {
    let mut cmd = client.version(&DESTROY_MEMBER).call(&[&key.name]);
    cmd.arg(member).arg(now.as_millis());
    Call { key: key.clone(), cmd }
}
