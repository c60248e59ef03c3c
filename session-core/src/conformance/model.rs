//! Many random requests, compared with what [`Record::apply`] makes of them.

use super::Promise;
use super::trial::{self, MINUTE, Trial, add, follow};
use crate::{Change, Conflict, Deadlines, HandleId, Patch, Store, Timestamp, WriteOutcome};

const NAMES: [&str; 4] = ["a", "b", "c", "visits"];

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    any_sequence_of_writes_does_what_each_says(trial().await).await;
}

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    a_dead_token_never_comes_back(trial().await).await;
}

/// Numbers that look random and are the same on each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let [high, low, ..] = self.0.to_be_bytes();
        usize::from(u16::from_be_bytes([high, low])) % bound
    }

    fn value(&mut self) -> Vec<u8> {
        let first = if self.below(4) == 0 { 0x81 } else { b'a' };
        vec![first; self.below(3)]
    }

    fn maybe(&mut self) -> Option<Vec<u8>> {
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
                4 => Change::CompareAndSet { expected: self.maybe(), value: self.maybe() },
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
        if self.below(4) == 0 {
            patch = patch.touch(self.moment(now));
        }
        if self.below(8) == 0 {
            patch = patch.set_deadlines(Deadlines {
                idle_timeout: 20 * MINUTE,
                idle_deadline: self.moment(now),
                lifetime_deadline: self.moment(now),
                remember: self.below(2) == 0,
            });
        }
        patch
    }

    /// Between ten minutes and an hour ahead.
    fn moment(&mut self, now: Timestamp) -> Timestamp {
        (0..self.below(50)).fold(now.after(10 * MINUTE), |moment, _| moment.after(MINUTE))
    }
}

async fn any_sequence_of_writes_does_what_each_says<S: Store>(trial: Trial<S>) {
    let promise = Promise("after any sequence of writes a record is what `Record::apply` makes of them");
    let mut dice = Dice(1);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let record = trial.record();
        sessions.push((trial.create(&record).await, record));
    }
    for _ in 0..400 {
        let chosen = dice.below(sessions.len());
        let (token, record) = &mut sessions[chosen];
        let patch = dice.patch(trial.now);
        let written = match dice.below(4) {
            0 => trial.renew(token, &patch).await,
            1 => {
                let deadline = dice.moment(trial.now);
                *token = follow(token, trial.touch(token, deadline).await);
                *record = record.with_idle_deadline(record.meta().idle_deadline.max(deadline));
                continue;
            }
            _ => trial.update(token, &patch).await,
        };
        match record.apply(&patch) {
            Err(Conflict(_)) => promise.holds(matches!(written, WriteOutcome::Conflict(_)), written),
            Ok(patched) => {
                *token = follow(token, written);
                *record = patched;
            }
        }
        for (token, record) in &sessions {
            trial::equal(&promise, &trial.live(token).await, record);
        }
    }
}

async fn a_dead_token_never_comes_back<S: Store>(trial: Trial<S>) {
    let promise = Promise("a token that died never comes back, whatever else is written");
    let mut dice = Dice(2);
    let mut live = vec![trial.create(&trial.record()).await];
    let mut dead = Vec::new();
    for _ in 0..400 {
        let chosen = dice.below(live.len());
        match dice.below(4) {
            0 => live.push(trial.create(&trial.record()).await),
            1 if live.len() > 1 => {
                let token = live.swap_remove(chosen);
                trial.destroy(&token).await;
                dead.push(token);
            }
            2 => {
                let fresh = follow(&live[chosen], trial.renew(&live[chosen], &Patch::new()).await);
                dead.push(std::mem::replace(&mut live[chosen], fresh));
            }
            _ => drop(trial.update(&live[chosen], &dice.patch(trial.now)).await),
        }
        if !dead.is_empty() {
            let token = &dead[dice.below(dead.len())];
            promise.equal(
                trial.writes_at(token, trial.now).await,
                [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
            );
            promise.equal(trial.load(token).await, None);
        }
    }
    for token in &live {
        trial.live(token).await;
    }
    promise.equal(trial.count().await.unwrap_or(live.len() as u64), live.len() as u64);
}
