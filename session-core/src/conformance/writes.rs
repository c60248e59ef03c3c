//! Two writes of one session at the same time, which must have the effect of one after the other.

use std::fmt::{Debug, Formatter, Result as FormatResult};

use super::fixture::{Fixture, MINUTE, add, expect_ok, field_texts};
use super::steps::{Interleaved, Pauses};
use super::{Checked, Requirement};
use crate::{Change, Patch, Record, Store, Timestamp, Token, WriteOutcome};

/// The number of times that a pair of writes is raced on two threads.
const RACES: usize = 64;

/// A write of the token with which a session was created.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Write {
    Update,
    CompareAndSet,
    Touch,
    Renew,
    Destroy,
}

/// The result of a write. A new token is compared by what it opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written {
    Done,
    Renewed,
    Gone,
    Conflict,
    Destroyed(bool),
}

/// What is left of a session after two writes.
#[derive(PartialEq)]
struct After {
    written: [Written; 2],
    /// The record under the token with which the session was created.
    original: Option<Record>,
    /// The record under a new token.
    renewed: Option<Record>,
}

impl Debug for After {
    fn fmt(&self, f: &mut Formatter<'_>) -> FormatResult {
        let text = |record: &Option<Record>| {
            record.as_ref().map(|record| (field_texts(record), record.meta().idle_deadline))
        };
        f.debug_struct("After")
            .field("written", &self.written)
            .field("under its token", &text(&self.original))
            .field("under a new token", &text(&self.renewed))
            .finish()
    }
}

impl Write {
    /// Returns the changes of the write, which name the one of two writes that makes them.
    fn patch(self, own: &'static str) -> Patch {
        let patch = Patch::new().set(own, *b"set").with("visits", add(1));
        match self {
            Self::CompareAndSet => patch.with(
                "name",
                Change::CompareAndSet { expected: Some(b"ada".to_vec()), value: Some(own.into()) },
            ),
            _ => patch.set("last", own),
        }
    }

    fn touched(own: &'static str, now: Timestamp) -> Timestamp {
        now.after(40 * MINUTE).after(u32::from(own == "first") * MINUTE)
    }

    async fn run<S: Store>(
        self,
        store: &S,
        token: &Token,
        own: &'static str,
        now: Timestamp,
    ) -> (Written, Option<Token>) {
        let outcome = match self {
            Self::Update | Self::CompareAndSet => {
                expect_ok("update", store.update(token, &self.patch(own), now).await)
            }
            Self::Touch => expect_ok("touch", store.touch(token, Self::touched(own, now), now).await),
            Self::Renew => expect_ok("renew", store.renew(token, &self.patch(own), now).await),
            Self::Destroy => {
                return (Written::Destroyed(expect_ok("destroy", store.destroy(token).await)), None);
            }
        };
        match outcome {
            WriteOutcome::NewToken(fresh) => (Written::Renewed, Some(fresh)),
            WriteOutcome::Gone => (Written::Gone, None),
            WriteOutcome::Conflict(_) => (Written::Conflict, None),
            _ => (Written::Done, None),
        }
    }

    /// Applies the write to a model of the session.
    fn apply(self, own: &'static str, now: Timestamp, after: &mut After) -> Written {
        let Some(record) = &after.original else {
            return if self == Self::Destroy { Written::Destroyed(false) } else { Written::Gone };
        };
        match self {
            Self::Destroy => {
                after.original = None;
                Written::Destroyed(true)
            }
            Self::Touch => {
                let deadline = record.meta().idle_deadline.max(Self::touched(own, now));
                after.original = Some(record.with_idle_deadline(deadline));
                Written::Done
            }
            _ => match record.apply(&self.patch(own)) {
                Err(_) => Written::Conflict,
                Ok(patched) if self == Self::Renew => {
                    (after.original, after.renewed) = (None, Some(patched));
                    Written::Renewed
                }
                Ok(patched) => {
                    after.original = Some(patched);
                    Written::Done
                }
            },
        }
    }
}

/// Two writes of one session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair(pub(super) Write, pub(super) Write);

impl Pair {
    /// Returns what may be left of a session with this record: the effect of either order.
    fn possible(self, record: &Record, now: Timestamp) -> [After; 2] {
        let Self(first, second) = self;
        [false, true].map(|swapped| {
            let nothing = [Written::Gone; 2];
            let mut after = After { written: nothing, original: Some(record.clone()), renewed: None };
            let mut written = nothing;
            for index in if swapped { [1, 0] } else { [0, 1] } {
                let (write, own) = [(first, "first"), (second, "second")][index];
                written[index] = write.apply(own, now, &mut after);
            }
            After { written, ..after }
        })
    }

    /// Asserts what is left of the session, and destroys it.
    async fn assert_possible<S: Store>(
        self,
        fixture: &Fixture<S>,
        (record, token): &(Record, Token),
        results: [&(Written, Option<Token>); 2],
        requirement: &Requirement,
    ) {
        let written = results.map(|(written, _)| *written);
        let fresh = results.into_iter().find_map(|(_, fresh)| fresh.as_ref());
        let renewed = match fresh {
            Some(fresh) => fixture.load(fresh).await,
            None => None,
        };
        let after = After { written, original: fixture.load(token).await, renewed };
        requirement
            .holds(self.possible(record, fixture.now).contains(&after), format_args!("{self:?}: {after:?}"));
        fixture.destroy(fresh.unwrap_or(token)).await;
    }

    /// Runs the second write in each pause of the first.
    async fn run_in_pauses<S: Store>(
        self,
        fixture: &Fixture<S>,
        pauses: &mut Pauses,
        requirement: &Requirement,
    ) {
        let Self(first, second) = self;
        let (store, now) = (&*fixture.store, fixture.now);
        pauses
            .each(async |pause| {
                let record = fixture.record();
                let token = fixture.create(&record).await;
                let (first, second) =
                    (first.run(store, &token, "first", now), second.run(store, &token, "second", now));
                let Interleaved { first, second, paused } = fixture.interleave(first, second, pause).await;
                self.assert_possible(fixture, &(record, token), [&first, &second], requirement).await;
                paused
            })
            .await;
    }

    /// Runs the two writes on two threads.
    async fn run_on_threads<S: Store>(self, fixture: &Fixture<S>, requirement: &Requirement) {
        let Self(first, second) = self;
        let mut sessions = Vec::with_capacity(RACES);
        for _ in 0..RACES {
            let record = fixture.record();
            sessions.push((record.clone(), fixture.create(&record).await));
        }
        let now = fixture.now;
        let raced = fixture.race(2, sessions.clone(), move |thread, (_, token), store| async move {
            let (write, own) = if thread == 0 { (first, "first") } else { (second, "second") };
            write.run(&*store, &token, own, now).await
        });
        for (session, results) in sessions.iter().zip(raced.await) {
            self.assert_possible(fixture, session, [&results[0], &results[1]], requirement).await;
        }
    }
}

/// Runs one write of each pair in the pauses of the other. Skipped if the store never pauses.
pub(super) async fn run_in_pauses<S: Store>(
    fixture: &Fixture<S>,
    pairs: &[Pair],
    requirement: &Requirement,
) -> Checked {
    let mut pauses = Pauses::default();
    for Pair(one, other) in pairs {
        Pair(*one, *other).run_in_pauses(fixture, &mut pauses, requirement).await;
        Pair(*other, *one).run_in_pauses(fixture, &mut pauses, requirement).await;
    }
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
    pauses.checked()
}

/// Runs the writes of each pair on two threads, many times.
pub(super) async fn run_on_threads<S: Store>(
    fixture: &Fixture<S>,
    pairs: &[Pair],
    requirement: &Requirement,
) {
    for pair in pairs {
        pair.run_on_threads(fixture, requirement).await;
    }
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
}
