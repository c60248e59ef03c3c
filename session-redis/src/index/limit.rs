//! Limits of how many sessions hold one value, where the index is on other servers: in a cluster.
//!
//! On a single server the script that writes a session makes room for it first. In a cluster the index set is updated
//! first, and the update returns how many members it has. While there is room nothing else is done. Otherwise members
//! that were added before are awaited until their sessions are written, and the live ones counted; then the oldest are
//! destroyed after the write, or the session is not written. A write that was not awaited, because it took too long,
//! counts again when it is done.

use std::collections::BTreeSet;
use std::time::Duration;

use redis::{Cmd, Value};
use session_core::{Evict, Limited, SessionLimit, StoreError, Timestamp};
use tokio::time::{Instant, sleep};

use crate::client::batch::ChunkSize;
use crate::client::failure::unexpected_reply;
use crate::client::reply::bytes;
use crate::index::entry::{Entry, EntryLimit};
use crate::index::indexed_write::IndexedWrite;
use crate::index::member::{added_at, origin_hash};
use crate::inner::Inner;
use crate::key::Key;
use crate::layout::is_live;
use crate::outcome::{Member, Outcome, ReachTooShort};
use crate::record::hmget;

/// How long to wait for the session of a member that was added before.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// The first pause of that; it doubles each time.
const PAUSE: Duration = Duration::from_millis(10);

/// A session that is about to hold a limited value.
struct Candidate {
    limit: EntryLimit,
    own: Member,
    /// When the update of the index set began.
    begun: Instant,
}

impl Candidate {
    fn digests(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.own.digest).chain(&self.limit.also)
    }

    /// Age of a member by the clock of the index; `None` for members that were added after the candidate's own.
    fn age_of(&self, member: &str) -> Option<Duration> {
        let added_at = |member| added_at(member)?.parse::<u64>().ok();
        let before = added_at(&self.own.name)?.checked_sub(added_at(member)?)?;
        Some(Duration::from_micros(before) + self.begun.elapsed())
    }
}

impl Inner {
    /// Sets a limit on the entry that it is for, if there is one.
    pub(crate) fn limit_entries(
        &self,
        entries: &mut [Entry],
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) {
        let Some(limit) = limit else { return };
        let mut also = self.sealing.digests(limit.name, limit.value);
        let is_limited = |entry: &&mut Entry| entry.name == limit.name && also.contains(&entry.digest);
        if let Some(entry) = entries.iter_mut().find(is_limited) {
            also.retain(|digest| *digest != entry.digest);
            entry.limit = Some(EntryLimit { max: limit.max.get(), on_full: limit.on_full, now, also });
        }
    }

    /// Writes a session whose entry number `limited` has a limit, after the index sets were updated.
    pub(crate) async fn write_limited(
        &self,
        write: &IndexedWrite<'_>,
        entries: &mut [Entry],
        limited: usize,
        cmd: impl Fn(&[Entry], Option<&ReachTooShort>) -> Cmd,
        (begun, deadline): (Instant, Instant),
    ) -> Result<Limited<Outcome>, StoreError> {
        let Entry { limit: Some(limit), member: Some(member), digest, others, .. } = &entries[limited] else {
            return Err(unexpected_reply());
        };
        let own = Member { digest: digest.clone(), name: member.clone() };
        let candidate = Candidate { limit: limit.clone(), own, begun };
        let may_be_full = *others >= limit.max || !limit.also.is_empty();
        let rejects = limit.on_full == Evict::Reject;
        if may_be_full
            && rejects
            && self.is_new_holder(write, &candidate, deadline).await?
            && self.is_full(&candidate, deadline).await?
        {
            self.remove_members(&self.client, &[candidate.own], deadline).await;
            return Ok(Outcome::LimitReached.into());
        }
        let outcome = self.run_write(write, entries, cmd, deadline).await?.result;
        let (stale, done) = match outcome {
            // The key is taken by this session itself, if the reply to the first attempt was lost.
            Outcome::Done | Outcome::KeyTaken => (Vec::new(), outcome),
            Outcome::DoneStale(stale) => (stale, Outcome::Done),
            outcome => {
                self.remove_members(&self.client, &[candidate.own], deadline).await;
                return Ok(outcome.into());
            }
        };
        self.remove_members(&self.client, &stale, deadline).await;
        let held_before = stale.contains(&candidate.own);
        let is_late = begun.elapsed() > self.max_wait();
        if held_before || !(is_late || may_be_full && !rejects) {
            return Ok(done.into());
        }
        let mut holders = self.holders(&candidate, deadline).await?;
        if !holders.contains(&candidate.own) {
            // The session held the value before, and the reply that says so was lost.
            return Ok(done.into());
        }
        let excess = holders.len().saturating_sub(candidate.limit.max);
        if rejects && excess > 0 {
            self.destroy_members(&self.client, &[candidate.own], candidate.limit.now, deadline).await?;
            return Ok(Outcome::LimitReached.into());
        }
        holders.truncate(excess);
        let evicted = self.destroy_members(&self.client, &holders, candidate.limit.now, deadline).await?;
        Ok(Limited { result: done, evicted })
    }

    /// Whether the session is live and does not hold the value yet. One that holds it is not counted again; one that is
    /// gone is not written.
    async fn is_new_holder(
        &self,
        write: &IndexedWrite<'_>,
        candidate: &Candidate,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        if !write.is_renewal() {
            return Ok(true);
        }
        let reply = self.client.query(write.key, &hmget(write.key, &["d", "i"]), deadline).await?;
        let Value::Array(fields) = &reply else { return Err(unexpected_reply()) };
        let [deadlines, index] = fields.as_slice() else { return Err(unexpected_reply()) };
        let is_live = bytes(deadlines).is_some_and(|deadlines| is_live(deadlines, candidate.limit.now));
        Ok(is_live && !candidate.digests().any(|digest| contains(index, digest)))
    }

    async fn is_full(&self, candidate: &Candidate, deadline: Instant) -> Result<bool, StoreError> {
        Ok(self.holders(candidate, deadline).await?.len() >= candidate.limit.max)
    }

    /// The live sessions that hold the value, oldest first. Waits for members that were added before the candidate's and
    /// whose sessions are not written yet.
    async fn holders(&self, candidate: &Candidate, deadline: Instant) -> Result<Vec<Member>, StoreError> {
        let (mut pause, max_wait) = (PAUSE, self.max_wait());
        let query = |key: &Key| hmget(key, &["d", "i"]);
        loop {
            let mut holders = Vec::new();
            for digest in candidate.digests() {
                let members = self.members(&self.client, &self.prefix.index(digest)).await?;
                holders.extend(members.into_iter().map(|name| Member { digest: digest.clone(), name }));
            }
            let (mut live, mut expired, mut is_awaited) = (BTreeSet::new(), BTreeSet::new(), false);
            let members = holders.iter().map(|holder| holder.name.clone()).collect();
            for located in self.locate(&self.client, members, query, ChunkSize::SHORT_REPLIES).await? {
                match &located.session {
                    Some((_, reply)) if is_live_holder(reply, &located.member, candidate.limit.now) => {
                        live.insert(located.member);
                    }
                    Some((_, reply)) if is_live_holder(reply, &located.member, Timestamp::from_millis(0)) => {
                        expired.insert(located.member);
                    }
                    Some(_) => {}
                    // The candidate was added twice, if the first reply was lost.
                    None if origin_hash(&located.member) == origin_hash(&candidate.own.name) => {}
                    None => {
                        is_awaited |= candidate.age_of(&located.member).is_some_and(|age| age < max_wait);
                    }
                }
            }
            let is_full = candidate.limit.on_full == Evict::Reject && live.len() >= candidate.limit.max;
            if is_full || !is_awaited || Instant::now() + pause >= deadline {
                // Destroyed and not only ignored: by another clock they may be alive.
                let expired: Vec<_> =
                    holders.iter().filter(|holder| expired.contains(&holder.name)).cloned().collect();
                if !expired.is_empty() {
                    self.destroy_members(&self.client, &expired, candidate.limit.now, deadline).await?;
                }
                holders.retain(|holder| live.contains(&holder.name));
                holders.sort_by(|one, other| added_at(&one.name).cmp(&added_at(&other.name)));
                return Ok(holders);
            }
            sleep(pause).await;
            pause *= 2;
        }
    }

    fn max_wait(&self) -> Duration {
        MAX_WAIT.min(self.client.settings.response_timeout / 2)
    }
}

/// Whether a session with these fields `d` and `i` is live and has the member.
fn is_live_holder(reply: &Value, member: &str, now: Timestamp) -> bool {
    let Value::Array(fields) = reply else { return false };
    let [deadlines, index] = fields.as_slice() else { return false };
    bytes(deadlines).is_some_and(|deadlines| is_live(deadlines, now)) && contains(index, member)
}

/// Whether a field `i` contains a digest or a member. Nothing else in there looks like one.
fn contains(index: &Value, text: &str) -> bool {
    bytes(index).is_some_and(|index| index.windows(text.len()).any(|part| part == text.as_bytes()))
}
