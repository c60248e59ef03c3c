//! What sessions are found by, and keeping that in step with them.
//!
//! On one server the script that writes a session does it. In a cluster the index of a value is on a server of its own:
//! it is told of a session before that is written, so that no live session is ever missing. What is in it besides is
//! harmless, because who finds a session looks whether it holds the value.

use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::Cmd;
use session_core::{Change, Patch, Record, StoreError, Timestamp, is_indexed};
use tokio::time::Instant;

use crate::ceiling::Ceiling;
use crate::failure::Cause;
use crate::key::Key;
use crate::outcome::{Outcome, Unreached};
use crate::script::Script;
use crate::servers::Repeat;
use crate::store::Inner;

/// How often a write is tried whose place in the index must be secured first.
const TRIES: usize = 8;

/// A field's value that a session is to be found by.
pub(crate) struct Join {
    /// The name of the databag field.
    pub(crate) name: String,
    pub(crate) digest: String,
    /// Whether the session is in the index of this value already.
    pub(crate) is_held: bool,
    /// The moment until which the index names the session, where that is known before.
    pub(crate) reach: Option<Timestamp>,
    /// What names the session there, where it is there already.
    pub(crate) member: Option<String>,
    /// How many sessions may hold the value, if that is bounded.
    pub(crate) ceiling: Option<Ceiling>,
}

impl Join {
    /// Whether the index is to be told of it, where the session need not be let in first.
    pub(crate) fn is_free(&self) -> bool {
        !self.is_held && (self.ceiling.is_none() || self.member.is_some())
    }

    /// Whether a session with this field `i` is in the index of the value: digests are like nothing else there.
    #[cfg(feature = "seal")]
    pub(crate) fn is_in(&self, index: &[u8]) -> bool {
        index.windows(self.digest.len()).any(|part| part == self.digest.as_bytes())
    }

    /// As scripts read it.
    pub(crate) fn spelled(&self) -> String {
        let mut text = self.digest.clone();
        let mut word = |name: &str, value: &str| text.extend([" ", name, "=", value]);
        if let Some(reach) = self.reach {
            word("reach", &reach.as_millis().to_string());
        }
        if let Some(member) = &self.member {
            word("member", member);
        }
        if let Some(ceiling) = &self.ceiling {
            word(ceiling.policy(), &ceiling.most.to_string());
            word("now", &ceiling.now.as_millis().to_string());
            if !ceiling.also.is_empty() {
                word("also", &ceiling.also.join(","));
            }
            if ceiling.waits {
                word("waits", "1");
            }
        }
        text
    }
}

/// What names a session in the index of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) digest: String,
    pub(crate) member: String,
}

/// How far ahead the index names sessions whose deadlines are not known when they come to it: as far as those of the
/// sessions seen so far.
pub(crate) struct Horizon(AtomicU64);

impl Default for Horizon {
    fn default() -> Self {
        Self(AtomicU64::new(24 * 60 * 60 * 1000))
    }
}

impl Horizon {
    pub(crate) fn see(&self, record: &Record, now: Timestamp) {
        let reach = reach(record, now);
        if reach != Timestamp::NEVER {
            let ahead = u64::try_from(reach.since(now).as_millis()).unwrap_or(0);
            self.0.fetch_max(ahead, Ordering::Relaxed);
        }
    }

    pub(crate) fn from(&self, now: Timestamp) -> Timestamp {
        now.after(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}

/// The moment until which a session is put into the index: the end of its lifetime, or a few idle timeouts.
pub(crate) fn reach(record: &Record, now: Timestamp) -> Timestamp {
    let meta = record.meta();
    match (meta.lifetime_deadline, meta.idle_deadline) {
        (Timestamp::NEVER, Timestamp::NEVER) => Timestamp::NEVER,
        (Timestamp::NEVER, idle) => idle.after(idle.since(now).saturating_mul(4)),
        (lifetime, _) => lifetime,
    }
}

/// A write of a session by a script.
pub(crate) struct Writing<'a> {
    pub(crate) script: &'a Script,
    /// The session that is written.
    pub(crate) key: &'a Key,
    /// Where it will be.
    pub(crate) to: &'a Key,
    /// How far the index is to name it, if that is known.
    pub(crate) reach: Option<Timestamp>,
    pub(crate) now: Timestamp,
    pub(crate) repeat: Repeat,
}

impl Writing<'_> {
    pub(crate) fn is_renewal(&self) -> bool {
        self.key.name != self.to.name
    }
}

impl Inner {
    /// The values of a record that its session is to be found by.
    pub(crate) fn joins_of_record(&self, record: &Record) -> Vec<Join> {
        record.fields().filter_map(|(name, value)| self.join(name, value)).collect()
    }

    /// The values that a patch puts, if the session is to be found by them.
    pub(crate) fn joins_of_patch(&self, patch: &Patch) -> Vec<Join> {
        let put = patch.changes().filter_map(|(name, change)| match change {
            Change::Set(value) | Change::Swap { value: Some(value), .. } => self.join(name, value),
            _ => None,
        });
        put.collect()
    }

    fn join(&self, name: &str, value: &[u8]) -> Option<Join> {
        is_indexed(value).then(|| Join {
            name: name.to_owned(),
            digest: self.sealing.digest(name, value),
            is_held: false,
            reach: None,
            member: None,
            ceiling: None,
        })
    }

    /// Runs a script that writes a session, after an index elsewhere was told what it joins.
    pub(crate) async fn write_indexed(
        &self,
        writing: &Writing<'_>,
        mut joins: Vec<Join>,
        cmd: impl Fn(&[Join], Option<&Unreached>) -> Cmd,
    ) -> Result<Outcome, StoreError> {
        let until = self.servers.until();
        for join in &mut joins {
            join.reach = writing.reach;
        }
        if !self.servers.is_cluster() {
            return self.settle(writing, &mut joins, &cmd, until).await;
        }
        let reach = writing.reach.unwrap_or_else(|| self.horizon.from(writing.now));
        self.enter(&mut joins, &writing.to.hash(), reach, until).await?;
        match joins.iter().position(|join| join.ceiling.is_some()) {
            None => self.settle(writing, &mut joins, &cmd, until).await,
            Some(capped) => self.write_capped(writing, joins, capped, &cmd, reach, until).await,
        }
    }

    /// Runs a script that writes a session, and makes an index elsewhere reach further where it must.
    pub(crate) async fn settle(
        &self,
        writing: &Writing<'_>,
        joins: &mut [Join],
        cmd: impl Fn(&[Join], Option<&Unreached>) -> Cmd,
        mut until: Instant,
    ) -> Result<Outcome, StoreError> {
        let mut unreached = None;
        for _ in 0..TRIES {
            // Sealing a large session takes its time, which is not the server's.
            let begun = Instant::now();
            let cmd = cmd(joins, unreached.as_ref());
            until += begun.elapsed();
            let answer = self.servers.run(writing.script, writing.key, &cmd, writing.repeat, until).await?;
            match Outcome::of(&answer)? {
                Outcome::Left(left) => {
                    // What is replaced is forgotten later, by whoever comes across it.
                    if joins.iter().all(|join| join.is_held || join.ceiling.is_some()) {
                        self.forget(&left, until).await;
                    }
                    return Ok(Outcome::Done);
                }
                Outcome::Unreached(further) => {
                    self.prolong(slice::from_ref(&further), until).await?;
                    self.enter(joins, &writing.to.hash(), further.reach, until).await?;
                    unreached = Some(further);
                }
                outcome => return Ok(outcome),
            }
        }
        Err(crowded())
    }
}

pub(crate) fn crowded() -> StoreError {
    StoreError::Unavailable(Cause::new("too many others write to this session").into())
}
