//! Deadlines of how many sessions hold one value.
//!
//! On one server the script that writes a session makes room for it first. In a cluster, where the index of the value is on
//! another server, that is told first, and says how many there are. While there is room, nothing else is done. Otherwise
//! those that came before are waited for until they are written, those that are live are counted, and the oldest are
//! ended after the write, or the session is not written. A write that was not waited for, because it took too long,
//! counts again when it is done.

use std::collections::BTreeSet;
use std::time::Duration;

use redis::{Cmd, Value};
use session_core::{Evict, SessionLimit, StoreError, Timestamp};
use tokio::time::{Instant, sleep};

use crate::find::HASH;
use crate::index::{Join, Member, Writing};
use crate::layout::{bytes, is_live};
use crate::outcome::{Outcome, Unreached, unexpected};
use crate::store::Inner;

/// How long a session that came to the index before is waited for at most.
const PATIENCE: Duration = Duration::from_secs(1);
/// The first pause while it is; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(10);

/// How many sessions may hold a value that is joined.
#[derive(Clone)]
pub(crate) struct Limit {
    most: usize,
    evict: Evict,
    /// When the sessions that count are live.
    now: Timestamp,
    /// What else the index may call the value.
    also: Vec<String>,
}

/// A session that is about to hold a limited value, in a cluster.
struct Entrant {
    limit: Limit,
    own: Member,
    /// When the index began to be told.
    begun: Instant,
}

impl Limit {
    /// What the script on one server reads.
    pub(crate) fn words(&self) -> Vec<(&'static str, String)> {
        let policy = match self.evict {
            Evict::Oldest => "oldest",
            Evict::Reject => "reject",
        };
        let mut words = vec![(policy, self.most.to_string()), ("now", self.now.as_millis().to_string())];
        if !self.also.is_empty() {
            words.push(("also", self.also.join(",")));
        }
        words
    }
}

impl Entrant {
    fn digests(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.own.digest).chain(&self.limit.also)
    }

    /// How long ago a member came, by the clock of the index; `None` for those that came later than this one.
    fn age_of(&self, member: &str) -> Option<Duration> {
        let before = arrival(&self.own.member)?.checked_sub(arrival(member)?)?;
        Some(Duration::from_micros(before) + self.begun.elapsed())
    }
}

impl Inner {
    /// Deadlines how many sessions may hold the value of a limit, if it is joined.
    pub(crate) fn bound(&self, joins: &mut [Join], limit: Option<SessionLimit<'_>>, now: Timestamp) {
        let Some(limit) = limit else { return };
        let mut also = self.sealing.digests(limit.name, limit.value);
        let is_limited = |join: &&mut Join| join.name == limit.name && also.contains(&join.digest);
        if let Some(join) = joins.iter_mut().find(is_limited) {
            also.retain(|digest| *digest != join.digest);
            join.limit = Some(Limit { most: limit.max.get(), evict: limit.on_full, now, also });
        }
    }

    /// Writes a session that joins a limited value, after the index elsewhere was updated.
    pub(crate) async fn write_limited(
        &self,
        writing: &Writing<'_>,
        joins: &mut [Join],
        limited: usize,
        cmd: impl Fn(&[Join], Option<&Unreached>) -> Cmd,
        (begun, until): (Instant, Instant),
    ) -> Result<Outcome, StoreError> {
        let Join { limit: Some(limit), member: Some(member), digest, others, .. } = &joins[limited] else {
            return Err(unexpected());
        };
        let own = Member { digest: digest.clone(), member: member.clone() };
        let entrant = Entrant { limit: limit.clone(), own, begun };
        let is_crowded = *others >= limit.most || !limit.also.is_empty();
        let rejects = limit.evict == Evict::Reject;
        if is_crowded
            && rejects
            && self.is_new(writing, &entrant, until).await?
            && self.is_full(&entrant, until).await?
        {
            self.forget(&self.servers, &[entrant.own], until).await;
            return Ok(Outcome::Full);
        }
        let outcome = self.settle(writing, joins, cmd, until).await?;
        let (left, done) = match outcome {
            // A key that is taken is so by this session, where the answer to the first time was lost.
            Outcome::Done | Outcome::Taken => (Vec::new(), outcome),
            Outcome::Left(left) => (left, Outcome::Done),
            outcome => {
                self.forget(&self.servers, &[entrant.own], until).await;
                return Ok(outcome);
            }
        };
        self.forget(&self.servers, &left, until).await;
        let held_before = left.contains(&entrant.own);
        let is_late = begun.elapsed() > self.patience();
        if held_before || !(is_late || is_crowded && !rejects) {
            return Ok(done);
        }
        let mut holders = self.holders(&entrant, until).await?;
        if !holders.contains(&entrant.own) {
            // It held the value before, and the answer that said so was lost.
            return Ok(done);
        }
        let excess = holders.len().saturating_sub(entrant.limit.most);
        let leaves = rejects && excess > 0;
        if leaves {
            holders = vec![entrant.own.clone()];
        } else {
            holders.truncate(excess);
        }
        self.end_members(&self.servers, &holders, entrant.limit.now, until).await?;
        Ok(if leaves { Outcome::Full } else { done })
    }

    /// Whether the session is one that does not hold the value yet: one that does is not counted again, and one that is
    /// gone is not written.
    async fn is_new(
        &self,
        writing: &Writing<'_>,
        entrant: &Entrant,
        until: Instant,
    ) -> Result<bool, StoreError> {
        if !writing.is_renewal() {
            return Ok(true);
        }
        let mut cmd = redis::cmd("HMGET");
        cmd.arg(&writing.key.name).arg("d").arg("i");
        let answer = self.servers.ask(writing.key, &cmd, until).await?;
        let Value::Array(fields) = &answer else { return Err(unexpected()) };
        let [deadlines, index] = fields.as_slice() else { return Err(unexpected()) };
        let is_there = bytes(deadlines).is_some_and(|deadlines| is_live(deadlines, entrant.limit.now));
        Ok(is_there && !entrant.digests().any(|digest| names(index, digest)))
    }

    async fn is_full(&self, entrant: &Entrant, until: Instant) -> Result<bool, StoreError> {
        Ok(self.holders(entrant, until).await?.len() >= entrant.limit.most)
    }

    /// The live sessions that hold the value, those first that came first. Those that came before the entrant and are not
    /// written yet are waited for.
    async fn holders(&self, entrant: &Entrant, until: Instant) -> Result<Vec<Member>, StoreError> {
        let (mut pause, patience) = (PAUSE, self.patience());
        let question = |key: &_| fields(key, &["d", "i"]);
        loop {
            let mut holders = Vec::new();
            for digest in entrant.digests() {
                let members = self.members(&self.servers, &self.prefix.index(digest)).await?;
                holders.extend(members.into_iter().map(|member| Member { digest: digest.clone(), member }));
            }
            let (mut live, mut expired, mut is_awaited) = (BTreeSet::new(), BTreeSet::new(), false);
            let members = holders.iter().map(|holder| holder.member.clone()).collect();
            for found in self.find(&self.servers, members, question).await? {
                match &found.place {
                    Some((_, answer)) if holds(answer, &found.member, entrant.limit.now) => {
                        live.insert(found.member);
                    }
                    Some((_, answer)) if holds(answer, &found.member, Timestamp::from_millis(0)) => {
                        expired.insert(found.member);
                    }
                    Some(_) => {}
                    // The index was updated twice where its first answer was lost.
                    None if found.member.get(..HASH) == entrant.own.member.get(..HASH) => {}
                    None => is_awaited |= entrant.age_of(&found.member).is_some_and(|age| age < patience),
                }
            }
            let is_full = entrant.limit.evict == Evict::Reject && live.len() >= entrant.limit.most;
            if is_full || !is_awaited || Instant::now() + pause >= until {
                // What has expired for the caller is ended: to another clock it may be alive.
                let expired: Vec<_> =
                    holders.iter().filter(|holder| expired.contains(&holder.member)).cloned().collect();
                if !expired.is_empty() {
                    self.end_members(&self.servers, &expired, entrant.limit.now, until).await?;
                }
                holders.retain(|holder| live.contains(&holder.member));
                holders.sort_by(|one, other| one.member.get(HASH..).cmp(&other.member.get(HASH..)));
                return Ok(holders);
            }
            sleep(pause).await;
            pause *= 2;
        }
    }

    fn patience(&self) -> Duration {
        PATIENCE.min(self.servers.settings.response_timeout / 2)
    }
}

/// When a member came, in microseconds.
fn arrival(member: &str) -> Option<u64> {
    member.get(HASH..)?.parse().ok()
}

/// Asks for some fields of a session.
pub(crate) fn fields(key: &crate::key::Key, names: &[&str]) -> Cmd {
    let mut cmd = redis::cmd("HMGET");
    cmd.arg(&key.name).arg(names);
    cmd
}

/// Whether a session, of which these are the fields `d` and `i`, lives and is in the index by this member.
fn holds(answer: &Value, member: &str, now: Timestamp) -> bool {
    let Value::Array(fields) = answer else { return false };
    let [deadlines, index] = fields.as_slice() else { return false };
    bytes(deadlines).is_some_and(|deadlines| is_live(deadlines, now)) && names(index, member)
}

/// Whether a field `i` names a digest or a member: they are like nothing else there.
fn names(index: &Value, text: &str) -> bool {
    bytes(index).is_some_and(|index| index.windows(text.len()).any(|part| part == text.as_bytes()))
}
