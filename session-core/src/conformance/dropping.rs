//! Cancellation: futures that are dropped before completion, in each of their pauses.

use super::fixture::{self, Fixture, add, counter, field_texts};
use super::steps::{Pauses, drop_at_pause};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{Patch, Record, Store};

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.with_pauses();
    check! {
        suite;
        "a dropped `load` changes nothing"
            => a_dropped_read_changes_nothing,
        "a write is atomic, even if its future is dropped before completion"
            => a_dropped_write_is_atomic,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.with_pauses();
    check! {
        suite;
        "after a dropped `renew` the old token has the old record or is invalid"
            => a_dropped_renewal_leaves_the_old_record_or_none,
        "a dropped `create` does not affect other sessions"
            => a_dropped_create_does_not_affect_other_sessions,
        "a dropped `destroy` destroys the session or leaves it unchanged"
            => a_dropped_destroy_is_atomic,
    }
}

async fn a_dropped_read_changes_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let mut pauses = Pauses::default();
    pauses
        .each(async |pause| {
            let dropped = drop_at_pause(fixture.store.load(&token, fixture.now), pause).await;
            fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
            dropped
        })
        .await;
    pauses.checked()
}

async fn a_dropped_write_is_atomic<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    let patch = Patch::new().set("name", *b"bob").remove("theme").with("visits", add(1));
    let mut pauses = Pauses::default();
    pauses
        .each(async |pause| {
            let record = fixture.record();
            let later = record.meta().idle_deadline.after(fixture::MINUTE);
            let token = fixture.create(&record).await;
            let mut dropped = drop_at_pause(fixture.store.update(&token, &patch, fixture.now), pause).await;
            let updated =
                Record::new(&record.meta(), [("name", b"bob".as_slice()), ("visits", &*counter(1))]);
            let seen = fixture.load_live(&token).await;
            requirement.holds(seen == record || seen == updated, field_texts(&seen));
            dropped |= drop_at_pause(fixture.store.touch(&token, later, fixture.now), pause).await;
            let touched = fixture.load_live(&token).await;
            // A server may still execute the update after it was dropped.
            let is_atomic = [&seen, &updated]
                .into_iter()
                .any(|record| touched == *record || touched == record.with_idle_deadline(later));
            requirement.holds(is_atomic, field_texts(&touched));
            dropped
        })
        .await;
    pauses.checked()
}

async fn a_dropped_renewal_leaves_the_old_record_or_none<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let mut pauses = Pauses::default();
    pauses
        .each(async |pause| {
            let record = fixture.record();
            let token = fixture.create(&record).await;
            let patch = Patch::new().set("name", *b"bob");
            let dropped = drop_at_pause(fixture.store.renew(&token, &patch, fixture.now), pause).await;
            let seen = fixture.load(&token).await;
            requirement.holds(seen.as_ref().is_none_or(|seen| *seen == record), &seen);
            let sessions = pause as u64;
            Requirement("after a dropped `renew` the session exists once, under the old or the new token")
                .equal(fixture.count().await.unwrap_or(sessions), sessions);
            dropped
        })
        .await;
    pauses.checked()
}

async fn a_dropped_create_does_not_affect_other_sessions<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let mut pauses = Pauses::default();
    pauses
        .each(async |pause| {
            let dropped = drop_at_pause(fixture.store.create(&fixture.record(), fixture.now), pause).await;
            fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
            dropped
        })
        .await;
    pauses.checked()
}

async fn a_dropped_destroy_is_atomic<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    let mut pauses = Pauses::default();
    pauses
        .each(async |pause| {
            let record = fixture.record();
            let token = fixture.create(&record).await;
            let dropped = drop_at_pause(fixture.store.destroy(&token), pause).await;
            let seen = fixture.load(&token).await;
            requirement.holds(seen.as_ref().is_none_or(|seen| *seen == record), &seen);
            fixture.destroy(&token).await;
            Requirement("`destroy` can be repeated").equal(fixture.load(&token).await, None);
            dropped
        })
        .await;
    pauses.checked()
}
