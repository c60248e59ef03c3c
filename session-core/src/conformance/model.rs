//! Sequences of random writes, compared with [`Record::apply`] as a model.

use super::fixture::{self, Fixture, MINUTE, add, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{Change, Conflict, Deadlines, HandleId, Patch, Store, Timestamp, WriteOutcome};

const NAMES: [&str; 4] = ["a", "b", "c", "visits"];

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "after any sequence of writes a record equals the result of `Record::apply`"
            => a_sequence_of_writes_equals_applied_patches,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "an invalid token never becomes valid again"
            => an_invalid_token_stays_invalid,
    }
}

/// A pseudo-random number generator with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let [high, low, ..] = self.0.to_be_bytes();
        usize::from(u16::from_be_bytes([high, low])) % bound
    }

    fn value(&mut self) -> Vec<u8> {
        let first = if self.below(4) == 0 { 0x81 } else { b'a' };
        vec![first; self.below(3)]
    }

    fn optional_value(&mut self) -> Option<Vec<u8>> {
        (self.below(3) > 0).then(|| self.value())
    }

    fn patch(&mut self, now: Timestamp) -> Patch {
        let mut patch = Patch::new();
        for name in NAMES {
            let change = match self.below(9) {
                0 => Change::Set(self.value()),
                1 => Change::Remove,
                2 => add(3),
                3 => Change::Add { by: -5, min: 0, max: 9, keep: self.below(2) == 0 },
                4 => Change::CompareAndSet { expected: self.optional_value(), value: self.optional_value() },
                5 => Change::RemoveIf { expected: self.value() },
                _ => continue,
            };
            patch = patch.with(name, change);
        }
        match self.below(12) {
            0 | 1 => patch = patch.keep_only([NAMES[self.below(4)], NAMES[self.below(4)]]),
            2 => patch = patch.drop_all(),
            3 => {
                let (_, half) = (self.below(2), self.0.to_be_bytes());
                let id: Vec<u8> = half.into_iter().chain(half).collect();
                patch = patch.identify(HandleId::from(<[u8; 16]>::try_from(id).unwrap_or_default()), now);
            }
            _ => {}
        }
        if self.below(8) == 0 {
            patch = patch.authenticate(self.later_time(now));
        }
        if self.below(4) == 0 {
            patch = patch.touch(self.later_time(now));
        }
        if self.below(8) == 0 {
            patch = patch.set_deadlines(Deadlines {
                idle_timeout: 20 * MINUTE,
                idle_deadline: self.later_time(now),
                lifetime_deadline: self.later_time(now),
                remember: self.below(2) == 0,
            });
        }
        patch
    }

    /// Returns a time between ten minutes and an hour after `now`.
    fn later_time(&mut self, now: Timestamp) -> Timestamp {
        (0..self.below(50)).fold(now.after(10 * MINUTE), |time, _| time.after(MINUTE))
    }
}

async fn a_sequence_of_writes_equals_applied_patches<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let mut random = Random(1);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let record = fixture.record();
        sessions.push((fixture.create(&record).await, record));
    }
    for _ in 0..400 {
        let chosen = random.below(sessions.len());
        let (token, record) = &mut sessions[chosen];
        let patch = random.patch(fixture.now);
        let written = match random.below(4) {
            0 => fixture.renew(token, &patch).await,
            1 => {
                let deadline = random.later_time(fixture.now);
                *token = token_after(token, fixture.touch(token, deadline).await);
                *record = record.with_idle_deadline(record.meta().idle_deadline.max(deadline));
                continue;
            }
            _ => fixture.update(token, &patch).await,
        };
        match record.apply(&patch) {
            Err(Conflict(_)) => requirement.holds(matches!(written, WriteOutcome::Conflict(_)), written),
            Ok(patched) => {
                *token = token_after(token, written);
                *record = patched;
            }
        }
        for (token, record) in &sessions {
            fixture::assert_same_record(&requirement, &fixture.load_live(token).await, record);
        }
    }
}

async fn an_invalid_token_stays_invalid<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let mut random = Random(2);
    let mut live = vec![fixture.create(&fixture.record()).await];
    let mut invalid = Vec::new();
    for _ in 0..400 {
        let chosen = random.below(live.len());
        match random.below(4) {
            0 => live.push(fixture.create(&fixture.record()).await),
            1 if live.len() > 1 => {
                let token = live.swap_remove(chosen);
                fixture.destroy(&token).await;
                invalid.push(token);
            }
            2 => {
                let fresh = token_after(&live[chosen], fixture.renew(&live[chosen], &Patch::new()).await);
                invalid.push(std::mem::replace(&mut live[chosen], fresh));
            }
            _ => drop(fixture.update(&live[chosen], &random.patch(fixture.now)).await),
        }
        if !invalid.is_empty() {
            let token = &invalid[random.below(invalid.len())];
            requirement.equal(
                fixture.write_outcomes_at(token, fixture.now).await,
                [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
            );
            requirement.equal(fixture.load(token).await, None);
        }
    }
    for token in &live {
        fixture.load_live(token).await;
    }
    requirement.equal(fixture.count().await.unwrap_or(live.len() as u64), live.len() as u64);
}
