//! Writes that leave no more sessions of a value than there may be.
//!
//! On one server the script that writes a session makes room for it. In a cluster the session comes into the value's index
//! first, which orders all that do. Then, and before it is written, those are ended that came too early to stay beside it.
//! One that is not written yet is kept from that by a bar where it would be. So of the sessions that are there at any
//! moment the last that came in has seen all others.

use std::collections::BTreeSet;

use redis::{Cmd, Value};
use session_core::{Evict, StoreError, Timestamp};
use tokio::time::Instant;

use crate::batch::Call;
use crate::ceiling::Ceiling;
use crate::find::HASH;
use crate::index::{Join, Member, Writing, crowded};
use crate::key::{Key, Prefix};
use crate::layout::{bytes, is_live};
use crate::outcome::{Outcome, Unreached, unexpected};
use crate::script::{EVICT, RESERVE};
use crate::servers::Repeat;
use crate::store::Inner;

/// How often a place is asked for while those who have one turn out not to hold the value.
const TRIES: usize = 8;
/// How long a session that is not there counts, in microseconds: it may be about to be written. Twice what the scripts
/// give it for that.
const GRACE: u64 = 60_000_000;

/// What the index answered to a session that wants in.
struct Reserved {
    /// What names the session there, if it came in.
    member: Option<String>,
    /// Microseconds, by the clock of the index.
    time: u64,
    /// All others, if there are too many.
    others: Vec<String>,
}

impl Inner {
    /// Writes a session that joins a value which only so many may hold, in a cluster.
    pub(crate) async fn write_capped(
        &self,
        writing: &Writing<'_>,
        mut joins: Vec<Join>,
        capped: usize,
        cmd: impl Fn(&[Join], Option<&Unreached>) -> Cmd,
        reach: Timestamp,
        until: Instant,
    ) -> Result<Outcome, StoreError> {
        let Some(ceiling) = joins[capped].ceiling.clone() else { return Err(unexpected()) };
        let digest = joins[capped].digest.clone();
        let to = writing.to.hash();
        let before = self.counted_before(&ceiling).await?;
        let room = (ceiling.most.saturating_sub(before.len()), ceiling.policy());
        let mut ignored = Vec::new();
        let mut is_certain = !writing.is_renewal();
        for _ in 0..TRIES {
            let reserved = self.reserve(&digest, &to, room, reach, &ignored, until).await?;
            let is_crowded = room.0 == 0 || !reserved.others.is_empty();
            let is_in = reserved.member.is_some();
            (joins[capped].reach, joins[capped].member) = (Some(reach), reserved.member);
            if is_crowded {
                if !is_certain {
                    // What cannot be written ends nobody, and who holds the value already is not counted again.
                    let outcome = self.settle_capped(writing, &mut joins, capped, &cmd, true, until).await?;
                    if outcome != Outcome::Full {
                        return Ok(outcome);
                    }
                    is_certain = true;
                }
                let named = |member| Member { digest: digest.clone(), member };
                let others: Vec<_> = reserved.others.into_iter().map(named).collect();
                let mut counted = self.counted(&others, reserved.time, ceiling.now).await?;
                counted.extend(before.iter().cloned());
                let excess = (counted.len() + 1).saturating_sub(ceiling.most);
                if ceiling.evict == Evict::Oldest {
                    self.evict(counted, excess, until).await?;
                } else if excess > 0 {
                    return Ok(Outcome::Full);
                } else {
                    let others = others.into_iter().filter(|other| !counted.contains(other));
                    ignored = others.map(|other| other.member).collect();
                }
            }
            if is_in {
                return self.settle_capped(writing, &mut joins, capped, &cmd, false, until).await;
            }
        }
        Err(crowded())
    }

    /// Writes the session if it may be, and gives its place back when that is not needed.
    async fn settle_capped(
        &self,
        writing: &Writing<'_>,
        joins: &mut [Join],
        capped: usize,
        cmd: impl Fn(&[Join], Option<&Unreached>) -> Cmd,
        waits: bool,
        until: Instant,
    ) -> Result<Outcome, StoreError> {
        if let Some(ceiling) = &mut joins[capped].ceiling {
            ceiling.waits = waits;
        }
        let outcome = self.settle(writing, joins, cmd, until).await?;
        let join = &joins[capped];
        let is_needed = outcome == Outcome::Done || (waits && outcome == Outcome::Full);
        if let Some(member) = join.member.as_ref().filter(|_| !is_needed) {
            self.forget(&[Member { digest: join.digest.clone(), member: member.clone() }], until).await;
        }
        Ok(outcome)
    }

    /// Those that hold the value under its other digests, since before the keys changed.
    async fn counted_before(&self, ceiling: &Ceiling) -> Result<Vec<Member>, StoreError> {
        let mut before = Vec::new();
        for digest in &ceiling.also {
            let members = self.members(&self.prefix.index(digest)).await?;
            before.extend(members.into_iter().map(|member| Member { digest: digest.clone(), member }));
        }
        self.counted(&before, u64::MAX, ceiling.now).await
    }

    /// Asks the index of a value to let a session in.
    async fn reserve(
        &self,
        digest: &str,
        to: &str,
        (room, policy): (usize, &str),
        reach: Timestamp,
        ignored: &[String],
        until: Instant,
    ) -> Result<Reserved, StoreError> {
        let index = self.prefix.index(digest);
        let mut cmd = self.servers.version(&RESERVE).on(&[&index.name]);
        cmd.arg(to).arg(reach.as_millis()).arg(room).arg(policy).arg(ignored);
        let answer = self.servers.run(&RESERVE, &index, &cmd, Repeat::Safe, until).await?;
        read_reserved(&answer).ok_or_else(unexpected)
    }

    /// Those of the members that count: their sessions hold the value, or may be about to be written.
    async fn counted(
        &self,
        members: &[Member],
        time: u64,
        now: Timestamp,
    ) -> Result<Vec<Member>, StoreError> {
        let question = |key: &Key| redis::cmd("HMGET").arg(&key.name).arg("d").arg("i").take();
        let names = members.iter().map(|member| member.member.clone()).collect();
        let (mut counted, mut pending) = (BTreeSet::new(), Vec::new());
        for found in self.find(names, question).await? {
            match &found.place {
                Some((_, answer)) if holds(answer, &found.member, now) => {
                    counted.insert(found.member);
                }
                Some(_) => {}
                None => pending.extend(self.bar_of(&found.member, time).map(|bar| (found.member, bar))),
            }
        }
        let calls: Vec<_> = pending.iter().map(|(_, key)| existence(key)).collect();
        let answers = self.servers.ask_all(&calls, None).await?;
        let pending = pending.into_iter().zip(answers).filter(|(_, answer)| *answer == Some(Value::Int(0)));
        counted.extend(pending.map(|((member, _), _)| member));
        Ok(members.iter().filter(|member| counted.contains(&member.member)).cloned().collect())
    }

    /// What keeps a session from being written that is not there, if that could still happen.
    fn bar_of(&self, member: &str, time: u64) -> Option<Key> {
        let (hash, arrival) = member.split_at_checked(HASH)?;
        let is_recent = time < arrival.parse::<u64>().ok()?.saturating_add(GRACE);
        self.prefix.of_hash(hash).filter(|_| is_recent).map(|origin| Prefix::bar(&origin, arrival))
    }

    /// Ends so many of the sessions, those that came first, or keeps them from being written.
    async fn evict(&self, mut counted: Vec<Member>, excess: usize, until: Instant) -> Result<(), StoreError> {
        counted.sort_by(|one, other| one.member.get(HASH..).cmp(&other.member.get(HASH..)));
        counted.truncate(excess);
        let call = |member: &Member| {
            let key = self.prefix.of_hash(member.member.get(..HASH)?)?;
            let mut cmd = self.servers.version(&EVICT).on(&[&key.name]);
            cmd.arg(&member.digest).arg(&member.member);
            Some(Call { key, cmd })
        };
        let calls: Vec<_> = counted.iter().filter_map(call).collect();
        let mut left = Vec::new();
        for answer in self.servers.ask_together(&calls, Some(&EVICT), until).await? {
            if let Outcome::Left(more) = Outcome::of(&answer.ok_or_else(unexpected)?)? {
                left.extend(more);
            }
        }
        self.forget(&left, until).await;
        Ok(())
    }
}

fn read_reserved(answer: &Value) -> Option<Reserved> {
    let text = |value: &Value| str::from_utf8(bytes(value)?).ok().map(str::to_owned);
    let Value::Array(parts) = answer else { return None };
    let [member, time, Value::Array(others)] = parts.as_slice() else { return None };
    Some(Reserved {
        member: text(member).filter(|member| !member.is_empty()),
        time: text(time)?.parse().ok()?,
        others: others.iter().map(text).collect::<Option<_>>()?,
    })
}

fn existence(key: &Key) -> Call {
    Call { key: key.clone(), cmd: redis::cmd("EXISTS").arg(&key.name).take() }
}

/// Whether a session, of which these are the fields `d` and `i`, lives and is in the index by this member. Members are
/// like nothing else there.
fn holds(answer: &Value, member: &str, now: Timestamp) -> bool {
    let Value::Array(fields) = answer else { return false };
    let [deadlines, index] = fields.as_slice() else { return false };
    let is_in = |index: &[u8]| index.windows(member.len()).any(|part| part == member.as_bytes());
    bytes(deadlines).is_some_and(|deadlines| is_live(deadlines, now)) && bytes(index).is_some_and(is_in)
}
