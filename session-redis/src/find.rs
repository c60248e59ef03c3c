//! Finding sessions by what they hold.

use std::collections::{BTreeMap, BTreeSet};

use redis::{Cmd, Value};
use session_core::{HandleId, Record, StoreError, Timestamp, is_indexed};

use crate::batch::{Call, Stride};
use crate::index::crowded;
use crate::key::{Key, Prefix};
use crate::layout::{bytes, field_name, pairs, read_some};
use crate::limit::fields;
use crate::outcome::unexpected;
use crate::script::TIDY;
use crate::servers::Servers;
use crate::store::Inner;

/// How many members of an index one ZSCAN gives, about.
const STRIDE: usize = 500;
/// How often a session is followed that is renewed again and again.
const TRIES: usize = 32;
/// Length of a hash in base64url, with which a member begins.
pub(crate) const HASH: usize = 43;
/// How many seconds a session may take to be written after the index was told, in a cluster.
const GRACE: u32 = 600;

/// A member of an index, and where the session is that it names.
pub(crate) struct Found {
    pub(crate) member: String,
    /// `None` when the session is gone; with nil when there is something else in its place.
    pub(crate) place: Option<(Key, Value)>,
}

/// Which of the sessions that hold a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    But(HandleId),
    Only(HandleId),
}

impl Inner {
    pub(crate) async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        wanted: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let wanted: BTreeSet<_> = wanted.iter().chain([&name]).map(|name| field_name(name)).collect();
        let names: Vec<_> = ["m", "l", "d"].into_iter().chain(wanted.iter().map(String::as_str)).collect();
        let question = |key: &Key| fields(key, &names);
        let mut seen = BTreeSet::new();
        let mut records = Vec::new();
        for index in self.indexes_of(name, value) {
            let mut stale = Vec::new();
            let members = self.members(&self.bulk, &index).await?;
            for found in self.find_long(&self.bulk, members, question).await? {
                let Some((key, answer)) = found.place else {
                    stale.push(found.member);
                    continue;
                };
                // One session that cannot be read is no reason to find none.
                let Ok(Some(record)) = read_some(&names, &answer, &key, &self.sealing) else { continue };
                if record.get(name) != Some(value) {
                    stale.push(found.member);
                } else if record.is_live(now) && seen.insert(record.meta().id) {
                    records.push(record);
                }
            }
            if !stale.is_empty() {
                self.tidy(&[(index, stale)]).await;
            }
        }
        Ok(records)
    }

    /// Removes from indexes what names sessions that are gone, and what are no indexes.
    pub(crate) async fn sweep_indexes(&self, indexes: &[Key]) -> Result<(), StoreError> {
        let calls = indexes.iter().map(|index| Call { key: index.clone(), cmd: zscan(index, b"0") });
        let answers = self.bulk.ask_all(&calls.collect::<Vec<_>>(), Stride::SHORT).await?;
        let (mut members, mut untidy) = (BTreeMap::<String, Vec<usize>>::new(), BTreeMap::new());
        for (at, (index, answer)) in indexes.iter().zip(answers).enumerate() {
            let Some(answer) = answer else {
                untidy.insert(at, Vec::new());
                continue;
            };
            let (cursor, mut found) = read_members(&answer).ok_or_else(unexpected)?;
            if cursor != b"0" {
                found = self.members(&self.bulk, index).await?;
            }
            for member in found {
                members.entry(member).or_default().push(at);
            }
        }
        let question = |key: &Key| fields(key, &["d"]);
        let named = members.keys().cloned().collect();
        for found in self.find(&self.bulk, named, question).await? {
            if found.place.is_none() {
                for at in &members[&found.member] {
                    untidy.entry(*at).or_default().push(found.member.clone());
                }
            }
        }
        let untidy: Vec<_> = untidy.into_iter().map(|(at, stale)| (indexes[at].clone(), stale)).collect();
        self.tidy(&untidy).await;
        Ok(())
    }

    /// Where sessions are indexed that hold this value: one place for each key that may have sealed it.
    pub(crate) fn indexes_of(&self, name: &str, value: &[u8]) -> Vec<Key> {
        if !is_indexed(value) {
            return Vec::new();
        }
        self.sealing.digests(name, value).iter().map(|digest| self.prefix.index(digest)).collect()
    }

    /// All that an index names.
    pub(crate) async fn members(&self, servers: &Servers, index: &Key) -> Result<Vec<String>, StoreError> {
        let mut members = BTreeSet::new();
        let mut cursor = b"0".to_vec();
        loop {
            let answer = servers.ask(index, &zscan(index, &cursor), servers.until()).await?;
            let (next, found) = read_members(&answer).ok_or_else(unexpected)?;
            members.extend(found);
            if next == b"0" {
                return Ok(members.into_iter().collect());
            }
            cursor = next.to_vec();
        }
    }

    /// Asks the sessions that members name, wherever they have moved. Answers are short.
    pub(crate) async fn find(
        &self,
        servers: &Servers,
        members: Vec<String>,
        question: impl Fn(&Key) -> Cmd,
    ) -> Result<Vec<Found>, StoreError> {
        self.follow(servers, members, question, Stride::SHORT).await
    }

    /// The same, where answers may be long.
    async fn find_long(
        &self,
        servers: &Servers,
        members: Vec<String>,
        question: impl Fn(&Key) -> Cmd,
    ) -> Result<Vec<Found>, StoreError> {
        self.follow(servers, members, question, Stride::LONG).await
    }

    async fn follow(
        &self,
        servers: &Servers,
        members: Vec<String>,
        question: impl Fn(&Key) -> Cmd,
        stride: Stride,
    ) -> Result<Vec<Found>, StoreError> {
        let mut result = Vec::with_capacity(members.len());
        // Each with where its session began, and where it is looked for next.
        let mut looking: Vec<_> = members
            .into_iter()
            .filter_map(|member| {
                let origin = self.origin(&member)?;
                Some((member, origin.clone(), origin))
            })
            .collect();
        for _ in 0..TRIES {
            let calls = looking.iter().map(|(_, _, at)| Call { key: at.clone(), cmd: question(at) });
            let answers = servers.ask_all(&calls.collect::<Vec<_>>(), stride).await?;
            let mut missing = Vec::new();
            for ((member, origin, at), answer) in looking.into_iter().zip(answers) {
                // Something else than a session is no reason to look elsewhere.
                let answer = answer.map_or(Some(Value::Nil), |answer| is_there(&answer).then_some(answer));
                match answer {
                    Some(answer) => result.push(Found { member, place: Some((at, answer)) }),
                    None => missing.push((member, origin, at)),
                }
            }
            let calls = missing.iter().map(|(_, origin, _)| {
                let key = Prefix::forwarder(origin);
                Call { cmd: redis::cmd("GET").arg(&key.name).take(), key }
            });
            let answers = servers.ask_all(&calls.collect::<Vec<_>>(), Stride::SHORT).await?;
            looking = Vec::new();
            for ((member, origin, at), answer) in missing.into_iter().zip(answers) {
                let hash = answer.as_ref().and_then(bytes).and_then(|hash| str::from_utf8(hash).ok());
                match hash.and_then(|hash| self.prefix.of_hash(hash)) {
                    Some(next) if next.name != at.name => looking.push((member, origin, next)),
                    _ => result.push(Found { member, place: None }),
                }
            }
            if looking.is_empty() {
                return Ok(result);
            }
        }
        Err(crowded())
    }

    /// Where the session was that a member names when it came to the index.
    pub(crate) fn origin(&self, member: &str) -> Option<Key> {
        self.prefix.of_hash(member.get(..HASH)?)
    }

    /// Removes members that name no session with the value. That it fails does no harm.
    async fn tidy(&self, stale: &[(Key, Vec<String>)]) {
        let grace = if self.bulk.is_cluster() { GRACE } else { 0 };
        let mut calls = Vec::with_capacity(stale.len());
        for (index, stale) in stale {
            let call = |stale: &[String]| {
                let cmd = self.bulk.version(&TIDY).on(&[&index.name]).arg(grace).arg(stale).take();
                Call { key: index.clone(), cmd }
            };
            match stale.as_slice() {
                [] => calls.push(call(&[])),
                stale => calls.extend(stale.chunks(STRIDE).map(call)),
            }
        }
        self.bulk.run_all(&TIDY, &calls).await;
    }
}

fn zscan(index: &Key, cursor: &[u8]) -> Cmd {
    redis::cmd("ZSCAN").arg(&index.name).arg(cursor).arg("COUNT").arg(STRIDE).take()
}

/// Where the next members are, and some.
fn read_members(answer: &Value) -> Option<(&[u8], Vec<String>)> {
    let Value::Array(parts) = answer else { return None };
    let [next, entries] = parts.as_slice() else { return None };
    let members = pairs(entries)?.into_iter().filter_map(|(member, _)| str::from_utf8(member).ok());
    Some((bytes(next)?, members.map(str::to_owned).collect()))
}

fn is_there(answer: &Value) -> bool {
    match answer {
        Value::Nil => false,
        Value::Array(items) => items.iter().any(|item| *item != Value::Nil),
        answer => pairs(answer).is_none_or(|pairs| !pairs.is_empty()),
    }
}
