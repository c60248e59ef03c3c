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
use crate::outcome::{Ended, Member, Outcome, parse_with_ended};
use crate::record::{hmget, read_id};

/// Maximum number of repeated lookups of sessions that were renewed before they could be destroyed.
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
    /// Destroys the sessions that hold a value, including expired ones and those that cannot be read. Returns the handle
    /// ids of those that had not expired.
    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        selection: Selection,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let (mut destroyed, mut result) = (Vec::new(), Ok(()));
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
            destroyed.extend(more);
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

    /// Destroys sessions as long as they hold the value. Returns their handle ids, and the first failure, after which the
    /// others are destroyed nevertheless.
    async fn destroy_targets(
        &self,
        value: (&str, &[u8]),
        mut targets: Vec<Target>,
        now: Timestamp,
    ) -> (Vec<HandleId>, Result<(), StoreError>) {
        let client = &self.bulk;
        let (mut destroyed, mut result) = (Vec::new(), Ok(()));
        for _ in 0..MAX_TRIES {
            if targets.is_empty() {
                return (destroyed, result);
            }
            let (mut missed, mut damaged, mut stale) = (Vec::new(), Vec::new(), Vec::new());
            let calls: Vec<_> =
                targets.iter().map(|(member, key)| destroy_member(client, member, key, now)).collect();
            for (target, reply) in targets.into_iter().zip(client.run_all(&DESTROY_MEMBER, &calls).await) {
                match reply.and_then(|reply| parse_destroyed(reply.as_ref())) {
                    Ok((Outcome::Gone, _)) => missed.push(target),
                    Ok((outcome, ended)) => {
                        destroyed.extend(self.ids_of(&ended));
                        if let Outcome::DoneStale(more) | Outcome::Expired(more) = outcome {
                            stale.extend(more);
                        }
                    }
                    Err(StoreError::Corrupt(_)) => damaged.push(target.1),
                    Err(failure) => result = result.and(Err(failure)),
                }
            }
            self.remove_members(client, &stale, client.deadline()).await;
            let after = async {
                let (damaged, ids) = self.holders_among(value, damaged).await?;
                self.destroy_all(client, &damaged, None).await?;
                Ok((ids, self.moved(missed).await?))
            };
            match after.await {
                Ok((more, moved)) => {
                    destroyed.extend(more);
                    targets = moved;
                }
                Err(failure) => return (destroyed, result.and(Err(failure))),
            }
        }
        (destroyed, result.and(Err(contended())))
    }

    /// Destroys the sessions of members, and returns the handle ids of those that had not expired. Fails if one cannot be
    /// destroyed, after all others are.
    pub(crate) async fn destroy_members(
        &self,
        client: &Client,
        members: &[Member],
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Vec<HandleId>, StoreError> {
        let call = |member: &Member| {
            Some(destroy_member(client, &member.name, &self.origin_key(&member.name)?, now))
        };
        let calls: Vec<_> = members.iter().filter_map(call).collect();
        let (mut destroyed, mut stale) = (Vec::new(), Vec::new());
        for reply in client.query_chunk(&calls, Some(&DESTROY_MEMBER), deadline).await?.iter().flatten() {
            let (outcome, ended) = parse_with_ended(reply)?;
            destroyed.extend(self.ids_of(&ended));
            if let Outcome::DoneStale(more) | Outcome::Expired(more) = outcome {
                stale.extend(more);
            }
        }
        self.remove_members(client, &stale, deadline).await;
        Ok(destroyed)
    }

    /// The handle ids of sessions that a script ended, but for those that cannot be read.
    pub(crate) fn ids_of(&self, ended: &[Ended]) -> Vec<HandleId> {
        let id = |ended: &Ended| {
            let key = self.prefix.parse(&ended.key)?;
            read_id(&ended.identity, &key, &self.sealing).ok()
        };
        ended.iter().filter_map(id).collect()
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

    /// The sessions among `keys` that hold the value, or one that cannot be read; and the handle ids that can be read.
    async fn holders_among(
        &self,
        (name, value): (&str, &[u8]),
        keys: Vec<Key>,
    ) -> Result<(Vec<Key>, Vec<HandleId>), StoreError> {
        let name = field_name(name);
        let calls: Vec<_> =
            keys.iter().map(|key| Call { key: key.clone(), cmd: hmget(key, &[&name, "m"]) }).collect();
        let replies = self.bulk.query_all(&calls, ChunkSize::SHORT_REPLIES).await?;
        let (mut holders, mut ids) = (Vec::new(), Vec::new());
        for (key, reply) in keys.into_iter().zip(replies) {
            let fields = match &reply {
                Some(Value::Array(fields)) => fields.as_slice(),
                _ => &[],
            };
            let stored = |at: usize| fields.get(at).and_then(bytes);
            let holds = match stored(0) {
                Some(stored) => self.sealing.open(&key, &name, stored).map_or(true, |found| *found == *value),
                None => fields.is_empty(),
            };
            if holds {
                ids.extend(stored(1).and_then(|identity| read_id(identity, &key, &self.sealing).ok()));
                holders.push(key);
            }
        }
        Ok((holders, ids))
    }
}

/// Parses the reply of the script; `None` stands for a key that holds a value of another type.
fn parse_destroyed(reply: Option<&Value>) -> Result<(Outcome, Vec<Ended>), StoreError> {
    reply.map_or(Ok((Outcome::Gone, Vec::new())), parse_with_ended)
}

fn destroy_member(client: &Client, member: &str, key: &Key, now: Timestamp) -> Call {
    let mut cmd = client.version(&DESTROY_MEMBER).call(&[&key.name]);
    cmd.arg(member).arg(now.as_millis());
    Call { key: key.clone(), cmd }
}
