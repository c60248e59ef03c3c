//! Cancellation: futures that are dropped before completion.

use std::pin::pin;
use std::task::{Context, Waker};

use tokio::task::yield_now;

use super::fixture::{self, FieldTexts, Fixture, add, counter, field_texts};
use super::{Harness, Requirement, Suite, check};
use crate::{Patch, Record, Store};

/// The numbers of polls after which a future is dropped.
const POLLS: [usize; 6] = [0, 1, 2, 3, 5, 8];

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a dropped `load` changes nothing"
            => a_dropped_read_changes_nothing,
        "a write is atomic, even if its future is dropped before completion"
            => a_dropped_write_is_atomic,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    for polls in POLLS {
        check! {
            suite;
            "after a dropped `renew` the old token has the old record or is invalid"
                => async |fixture, requirement| {
                a_dropped_renewal_leaves_the_old_record_or_none(fixture, polls, requirement).await;
            },
            "a dropped `create` does not affect other sessions"
                => async |fixture, requirement| {
                a_dropped_create_does_not_affect_other_sessions(fixture, polls, requirement).await;
            },
            "a dropped `destroy` destroys the session or leaves it unchanged"
                => async |fixture, requirement| {
                a_dropped_destroy_is_atomic(fixture, polls, requirement).await;
            },
        }
    }
}

/// Polls a future a number of times, yielding in between, and drops it.
async fn poll_and_drop(future: impl Future, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        yield_now().await;
    }
}

async fn a_dropped_read_changes_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    for polls in POLLS {
        poll_and_drop(fixture.store.load(&token, fixture.now), polls).await;
        fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    }
}

async fn a_dropped_write_is_atomic<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let patch = Patch::new().set("name", *b"bob").remove("theme").with("visits", add(1));
    for polls in POLLS {
        let record = fixture.record();
        let token = fixture.create(&record).await;
        poll_and_drop(fixture.store.update(&token, &patch, fixture.now), polls).await;
        let seen = field_texts(&fixture.load_live(&token).await);
        requirement.holds(seen == field_texts(&record) || seen == updated(&record), &seen);
        let later = record.meta().idle_deadline.after(fixture::MINUTE);
        poll_and_drop(fixture.store.touch(&token, later, fixture.now), polls).await;
        let seen = field_texts(&fixture.load_live(&token).await);
        requirement.holds(seen == field_texts(&record) || seen == updated(&record), &seen);
    }
}

/// Returns the fields of [`Fixture::record`] after the patch above.
fn updated(record: &Record) -> FieldTexts {
    field_texts(&Record::new(&record.meta(), [("name", b"bob".as_slice()), ("visits", &*counter(1))]))
}

async fn a_dropped_renewal_leaves_the_old_record_or_none<S: Store>(
    fixture: Fixture<S>,
    polls: usize,
    requirement: Requirement,
) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    poll_and_drop(fixture.store.renew(&token, &Patch::new().set("name", *b"bob"), fixture.now), polls).await;
    let seen = fixture.load(&token).await.map(|record| field_texts(&record));
    requirement.holds(seen.is_none() || seen == Some(field_texts(&record)), &seen);
    requirement.equal(fixture.count().await.unwrap_or(1), 1);
}

async fn a_dropped_create_does_not_affect_other_sessions<S: Store>(
    fixture: Fixture<S>,
    polls: usize,
    requirement: Requirement,
) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    poll_and_drop(fixture.store.create(&record, fixture.now), polls).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
}

async fn a_dropped_destroy_is_atomic<S: Store>(fixture: Fixture<S>, polls: usize, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    poll_and_drop(fixture.store.destroy(&token), polls).await;
    let seen = fixture.load(&token).await.map(|record| field_texts(&record));
    requirement.holds(seen.is_none() || seen == Some(field_texts(&record)), &seen);
    fixture.destroy(&token).await;
    Requirement("`destroy` can be repeated").equal(fixture.load(&token).await, None);
}
