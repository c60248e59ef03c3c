//! Finding and ending sessions by what they hold.

use std::collections::BTreeSet;

use redis::{Cmd, Value};
use session_core::{HandleId, Record, StoreError, Timestamp, is_indexed};

use crate::batch::Call;
use crate::index::crowded;
use crate::key::{Key, Prefix};
use crate::layout::{bytes, pairs, read_record};
use crate::outcome::{Outcome, unexpected};
use crate::script::{DESTROY, TIDY};
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
    /// `None` when the session is gone.
    pub(crate) place: Option<(Key, Value)>,
}

impl Inner {
    pub(crate) async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let mut seen = BTreeSet::new();
        let mut records = Vec::new();
        for index in self.indexes_of(name, value) {
            let mut stale = Vec::new();
            for found in self.find(self.members(&index).await?, hash).await? {
                let Some((key, answer)) = found.place else {
                    stale.push(found.member);
                    continue;
                };
                // One session that cannot be read is no reason to find none.
                let Ok(Some(record)) = read_record(&answer, &key, &self.sealing) else { continue };
                if record.get(name) != Some(value) {
                    stale.push(found.member);
                } else if record.is_live(now) && seen.insert(record.meta().id) {
                    records.push(record);
                }
            }
            self.tidy(&index, &stale).await;
        }
        Ok(records)
    }

    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        is_meant: impl Fn(HandleId) -> bool,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut destroyed = 0;
        for index in self.indexes_of(name, value) {
            // A member names its session also when that was renewed, so those that came later need not be looked at.
            let mut members = self.members(&index).await?;
            for round in 0.. {
                let (mut left, mut keys) = (Vec::new(), Vec::new());
                for found in self.find(members, hash).await? {
                    let Some((key, answer)) = found.place else { continue };
                    let Ok(Some(record)) = read_record(&answer, &key, &self.sealing) else { continue };
                    let holds = record.get(name) == Some(value) && record.is_live(now);
                    if holds && is_meant(record.meta().id) {
                        left.push(found.member);
                        keys.push(key);
                    }
                }
                if left.is_empty() {
                    break;
                }
                if round == TRIES {
                    return Err(crowded());
                }
                destroyed += self.destroy_all(&keys, None).await?;
                members = left;
            }
        }
        Ok(destroyed)
    }

    /// Ends sessions, if they have expired at a moment, and returns how many there were. Of those that have not, the
    /// index gets back what it may have lost.
    pub(crate) async fn destroy_all(
        &self,
        keys: &[Key],
        expired: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let mut destroyed = 0;
        for keys in keys.chunks(STRIDE) {
            let call = |key: &Key| {
                let mut cmd = self.servers.version(&DESTROY).on(&[&key.name]);
                if let Some(now) = expired {
                    cmd.arg(now.as_millis());
                }
                Call { key: key.clone(), cmd }
            };
            let calls: Vec<_> = keys.iter().map(call).collect();
            let (mut left, mut lost) = (Vec::new(), Vec::new());
            for answer in self.servers.ask_all(&calls, Some(&DESTROY)).await?.into_iter().flatten() {
                match Outcome::of(&answer)? {
                    Outcome::Gone => {}
                    Outcome::Unreached(more) => lost.push(more),
                    outcome => {
                        destroyed += 1;
                        if let Outcome::Left(more) = outcome {
                            left.extend(more);
                        }
                    }
                }
            }
            self.forget(&left, self.servers.until()).await;
            self.prolong(&lost, self.servers.until()).await?;
        }
        Ok(destroyed)
    }

    /// Removes from an index what names sessions that are gone.
    pub(crate) async fn sweep_index(&self, index: &Key) -> Result<(), StoreError> {
        let deadlines = |key: &Key| redis::cmd("HGET").arg(&key.name).arg("d").take();
        let found = self.find(self.members(index).await?, deadlines).await?;
        let stale: Vec<_> =
            found.into_iter().filter(|found| found.place.is_none()).map(|found| found.member).collect();
        self.tidy(index, &stale).await;
        Ok(())
    }

    /// Where sessions are indexed that hold this value: one place for each key that may have sealed it.
    fn indexes_of(&self, name: &str, value: &[u8]) -> Vec<Key> {
        if !is_indexed(value) {
            return Vec::new();
        }
        self.sealing.digests(name, value).iter().map(|digest| self.prefix.index(digest)).collect()
    }

    /// All that an index names.
    pub(crate) async fn members(&self, index: &Key) -> Result<Vec<String>, StoreError> {
        let mut members = BTreeSet::new();
        let mut cursor = b"0".to_vec();
        loop {
            let mut cmd = redis::cmd("ZSCAN");
            cmd.arg(&index.name).arg(&cursor).arg("COUNT").arg(STRIDE);
            let answer = self.servers.ask(index, &cmd, self.servers.until()).await?;
            let Value::Array(parts) = &answer else { return Err(unexpected()) };
            let [next, entries] = parts.as_slice() else { return Err(unexpected()) };
            for (member, _) in pairs(entries).ok_or_else(unexpected)? {
                members.extend(str::from_utf8(member).ok().map(str::to_owned));
            }
            cursor = bytes(next).ok_or_else(unexpected)?.to_vec();
            if cursor == b"0" {
                return Ok(members.into_iter().collect());
            }
        }
    }

    /// Asks the sessions that members name, wherever they have moved.
    pub(crate) async fn find(
        &self,
        members: Vec<String>,
        question: impl Fn(&Key) -> Cmd,
    ) -> Result<Vec<Found>, StoreError> {
        let mut result = Vec::with_capacity(members.len());
        // Each with where its session began, and where it is looked for next.
        let mut looking: Vec<_> = members
            .into_iter()
            .filter_map(|member| {
                let origin = self.prefix.of_hash(member.get(..HASH)?)?;
                Some((member, origin.clone(), origin))
            })
            .collect();
        for _ in 0..TRIES {
            let calls = looking.iter().map(|(_, _, at)| Call { key: at.clone(), cmd: question(at) });
            let answers = self.servers.ask_all(&calls.collect::<Vec<_>>(), None).await?;
            let mut missing = Vec::new();
            for ((member, origin, at), answer) in looking.into_iter().zip(answers) {
                match answer {
                    Some(answer) if is_there(&answer) => {
                        result.push(Found { member, place: Some((at, answer)) });
                    }
                    _ => missing.push((member, origin, at)),
                }
            }
            let calls = missing.iter().map(|(_, origin, _)| {
                let key = Prefix::forwarder(origin);
                Call { cmd: redis::cmd("GET").arg(&key.name).take(), key }
            });
            let answers = self.servers.ask_all(&calls.collect::<Vec<_>>(), None).await?;
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

    /// Removes members that name no session with the value. That it fails does no harm.
    async fn tidy(&self, index: &Key, stale: &[String]) {
        let grace = if self.servers.is_cluster() { GRACE } else { 0 };
        let calls: Vec<_> = stale
            .chunks(STRIDE)
            .map(|stale| {
                let cmd = self.servers.version(&TIDY).on(&[&index.name]).arg(grace).arg(stale).take();
                Call { key: index.clone(), cmd }
            })
            .collect();
        self.servers.ask_all(&calls, Some(&TIDY)).await.ok();
    }
}

fn hash(key: &Key) -> Cmd {
    redis::cmd("HGETALL").arg(&key.name).take()
}

fn is_there(answer: &Value) -> bool {
    match answer {
        Value::Nil => false,
        Value::Array(items) => items.iter().any(|item| *item != Value::Nil),
        answer => pairs(answer).is_none_or(|pairs| !pairs.is_empty()),
    }
}
