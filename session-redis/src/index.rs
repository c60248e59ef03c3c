//! What sessions are found by, and keeping that in step with them.
//!
//! On one server the script that writes a session does it. In a cluster the index of a value is on a server of its own:
//! it is told of a session before that is written, so that no live session is ever missing. What is in it besides is
//! harmless, because who finds a session looks whether it holds the value.

use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::Cmd;
use session_core::{Change, Meta, Patch, Record, StoreError, Timestamp, is_indexed};
use tokio::time::Instant;

use crate::failure::Cause;
use crate::key::Key;
use crate::limit::Limit;
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
    /// How many others the index names, where it is elsewhere and was updated.
    pub(crate) others: usize,
    /// How many sessions may hold the value, if that is limited.
    pub(crate) limit: Option<Limit>,
}

impl Join {
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
        } else if let Some(limit) = &self.limit {
            for (name, value) in limit.words() {
                word(name, &value);
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

/// How far ahead an index elsewhere names sessions whose deadlines are not known when they come to it: no further than it
/// would if they were.
pub(crate) struct Horizon(AtomicU64);

/// How far that is while nothing is known.
const UNKNOWN: Duration = Duration::from_secs(600);

impl Default for Horizon {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Horizon {
    pub(crate) fn see(&self, meta: &Meta) {
        let ahead = meta.idle_timeout.saturating_mul(1 + AHEAD).as_millis();
        self.0.fetch_min(u64::try_from(ahead).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn from(&self, now: Timestamp) -> Timestamp {
        match self.0.load(Ordering::Relaxed) {
            u64::MAX => now.after(UNKNOWN),
            millis => now.after(Duration::from_millis(millis)),
        }
    }
}

/// How many idle timeouts beyond the idle deadline of a session an index elsewhere names it, so that it need not be told of
/// each touch.
const AHEAD: u32 = 4;

/// The moment until which an index elsewhere is told that a session with these deadlines is needed. Scripts compute the
/// same.
pub(crate) fn reach(idle_deadline: Timestamp, lifetime_deadline: Timestamp, now: Timestamp) -> Timestamp {
    if idle_deadline == Timestamp::NEVER {
        return lifetime_deadline;
    }
    idle_deadline.after(idle_deadline.since(now).saturating_mul(AHEAD)).min(lifetime_deadline)
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
            Change::Set(value) | Change::CompareAndSet { value: Some(value), .. } => self.join(name, value),
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
            others: 0,
            limit: None,
        })
    }

    /// Runs a script that writes a session, after an index elsewhere was told what it joins.
    pub(crate) async fn write_indexed(
        &self,
        writing: &Writing<'_>,
        mut joins: Vec<Join>,
        cmd: impl Fn(&[Join], Option<&Unreached>) -> Cmd,
    ) -> Result<Outcome, StoreError> {
        let (begun, until) = (Instant::now(), self.servers.until());
        let mut limited = None;
        if self.servers.is_cluster() {
            let reach = writing.reach.unwrap_or_else(|| self.horizon.from(writing.now));
            self.enter(&mut joins, &writing.to.hash(), reach, until).await?;
            limited = joins.iter().position(|join| join.limit.is_some());
        }
        if let Some(limited) = limited {
            return self.write_limited(writing, &mut joins, limited, cmd, (begun, until)).await;
        }
        match self.settle(writing, &mut joins, cmd, until).await? {
            Outcome::Left(left) => {
                // What is replaced is forgotten later, by whoever comes across it.
                if joins.iter().all(|join| join.is_held) {
                    self.forget(&self.servers, &left, until).await;
                }
                Ok(Outcome::Done)
            }
            outcome => Ok(outcome),
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
        let (mut unreached, mut tries) = (None, 0);
        while tries < TRIES {
            // Sealing a large session takes its time, which is not the server's.
            let begun = Instant::now();
            let cmd = cmd(joins, unreached.as_ref());
            until += begun.elapsed();
            let answer = self.servers.run(writing.script, writing.key, &cmd, writing.repeat, until).await?;
            match Outcome::of(&answer)? {
                // Each time there are fewer to end.
                Outcome::More => {}
                Outcome::Unreached(further) => {
                    self.prolong(&self.servers, slice::from_ref(&further), until).await?;
                    self.enter(joins, &writing.to.hash(), further.reach, until).await?;
                    unreached = Some(further);
                    tries += 1;
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
