//! `create_limited` and `renew_limited`, if the store supports session limits.

use super::fixture::{self, Fixture, MINUTE, expect_ok, token_after};
use super::indexing::{indexed, sorted};
use super::limited_user::LimitedUser;
use super::{Checked, Harness, Requirement, Skipped, Suite, check};
use crate::{Change, Evict, Limited, Meta, Patch, Record, Store, WriteOutcome};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(session_limits(&suite.fixture().await));
    check! {
        suite;
        "with `Oldest` the sessions that took the value first are destroyed, and no others"
            => the_oldest_session_is_evicted,
        "the live sessions that are destroyed to make room are returned"
            => evicted_sessions_are_returned,
        "the oldest session is the one that took the value first, not the one created first"
            => eviction_ignores_the_creation_time,
        "a session that already holds the value is renewed regardless of the limit"
            => a_session_with_the_value_is_renewed_regardless_of_the_limit,
        "renewing, updating or touching a session does not change its position in the order of eviction"
            => a_renewed_session_keeps_its_position,
        "with `Reject` a session beyond the limit is refused and nothing changes"
            => a_session_beyond_the_limit_is_refused,
        "a session that was destroyed, has expired or took another value does not count"
            => sessions_that_lost_the_value_do_not_count,
        "sessions with another value, or with the value in another field, do not count"
            => other_values_do_not_count,
        "a limited renewal that returns `Gone` or `Conflict` destroys no other session"
            => a_failed_limited_renewal_destroys_nothing,
    }
}

pub(super) fn session_limits<S: Store>(fixture: &Fixture<S>) -> Checked {
    let is_supported = fixture.store.capabilities().session_limits;
    is_supported.then_some(()).ok_or(Skipped("the store does not support session limits"))
}

async fn the_oldest_session_is_evicted<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(2, Evict::Oldest);
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(ada.create_allowed(&fixture).await);
        let last = &created[created.len().saturating_sub(2)..];
        for (token, _) in last {
            requirement.holds(fixture.load(token).await.is_some(), "one of the last two is gone");
        }
        let ids: Vec<_> = last.iter().map(|(_, id)| *id).collect();
        let seen = ada.ids(&fixture).await;
        requirement.holds(seen.len() == ids.len() && ids.iter().all(|id| seen.contains(id)), seen);
    }
    for (token, _) in &created[..3] {
        requirement.equal(fixture.load(token).await, None);
    }
    requirement.equal(fixture.count().await.unwrap_or(2), 2);
}

async fn evicted_sessions_are_returned<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(2, Evict::Oldest);
    let (_, one) = ada.create_allowed(&fixture).await;
    let (created, evicted) = ada.create(&fixture).await;
    requirement.equal(evicted, vec![]);
    let two = created.map(|(_, id)| id);
    let (_, evicted) = ada.create(&fixture).await;
    requirement.equal(evicted, vec![one]);
    let token = fixture.create(&fixture.record()).await;
    let renewed = ada.renew(&fixture, &token, &ada.sign_in()).await;
    requirement.equal(renewed.evicted, two.into_iter().collect());

    // A limit that was lowered.
    let held = ada.ids(&fixture).await;
    let (_, mut evicted) = LimitedUser::new(1, Evict::Oldest).create(&fixture).await;
    evicted.sort_unstable();
    requirement.equal(evicted, held);
}

async fn eviction_ignores_the_creation_time<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(2, Evict::Oldest);
    let early = fixture.record();
    let late = Record::new(&Meta { created_at: fixture.now.after(MINUTE), ..fixture.meta() }, []);
    let (early_token, late_token) = (fixture.create(&early).await, fixture.create(&late).await);
    let _ = token_after(&late_token, ada.renew(&fixture, &late_token, &ada.sign_in()).await.result);
    let _ = token_after(&early_token, ada.renew(&fixture, &early_token, &ada.sign_in()).await.result);
    let (_, third) = ada.create_allowed(&fixture).await;
    requirement.equal(ada.ids(&fixture).await, sorted([early.meta().id, third]));
}

async fn a_renewed_session_keeps_its_position<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(3, Evict::Oldest);
    let (one, _) = ada.create_allowed(&fixture).await;
    let (two, _) = ada.create_allowed(&fixture).await;
    let (_, three) = ada.create_allowed(&fixture).await;
    let one = token_after(&one, fixture.renew(&one, &Patch::new()).await);
    let one = token_after(&one, fixture.update(&one, &Patch::new().set("name", *b"y")).await);
    let _ = token_after(&one, ada.renew(&fixture, &one, &ada.sign_in()).await.result);
    let two = token_after(&two, fixture.renew(&two, &Patch::new().set("name", *b"y")).await);
    let later = fixture.now.after(60 * MINUTE);
    let _ = token_after(&two, fixture.touch(&two, later).await);
    let (_, four) = ada.create_allowed(&fixture).await;
    let (_, five) = ada.create_allowed(&fixture).await;
    requirement.equal(ada.ids(&fixture).await, sorted([three, four, five]));
}

async fn a_session_beyond_the_limit_is_refused<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(2, Evict::Reject);
    let (_, one) = ada.create_allowed(&fixture).await;
    let (_, two) = ada.create_allowed(&fixture).await;
    requirement.equal(ada.create(&fixture).await, (None, vec![]));
    let record = fixture.record();
    let token = fixture.create(&record).await;
    requirement.equal(
        ada.renew(&fixture, &token, &ada.sign_in().set("name", *b"y")).await,
        WriteOutcome::LimitReached.into(),
    );
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    requirement.equal(ada.ids(&fixture).await, sorted([one, two]));
    requirement.equal(fixture.count().await.unwrap_or(3), 3);
}

async fn a_session_with_the_value_is_renewed_regardless_of_the_limit<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    for on_full in [Evict::Oldest, Evict::Reject] {
        let ada = LimitedUser::new(3, on_full);
        let (mut token, one) = ada.create_allowed(&fixture).await;
        let (_, two) = ada.create_allowed(&fixture).await;
        // This includes a limit that was lowered.
        for max in [3, 2, 1] {
            let ada = LimitedUser::new(max, on_full);
            let Limited { result: written, evicted } =
                ada.renew(&fixture, &token, &ada.sign_in().set("name", [0])).await;
            requirement.holds(matches!(written, WriteOutcome::NewToken(_)), &written);
            requirement.equal(evicted, vec![]);
            token = token_after(&token, written);
        }
        requirement.equal(ada.ids(&fixture).await, sorted([one, two]));
        expect_ok("destroy_by", fixture.store.destroy_by("user", &ada.value, None, fixture.now).await);
    }
}

async fn sessions_that_lost_the_value_do_not_count<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(1, Evict::Reject);
    let (token, _) = ada.create_allowed(&fixture).await;
    fixture.destroy(&token).await;
    let (token, _) = ada.create_allowed(&fixture).await;
    let token = token_after(&token, fixture.renew(&token, &Patch::new().set("user", indexed("eve"))).await);
    let (other, _) = ada.create_allowed(&fixture).await;
    let _ = token_after(&other, fixture.renew(&other, &Patch::new().remove("user")).await);
    let (_, last) = ada.create_allowed(&fixture).await;
    requirement.equal(ada.renew(&fixture, &token, &ada.sign_in()).await, WriteOutcome::LimitReached.into());
    requirement.equal(ada.ids(&fixture).await, vec![last]);

    let later = fixture.now.after(30 * MINUTE);
    let meta = Meta { idle_deadline: later.after(MINUTE), ..fixture.meta() };
    let created = fixture.store.create_limited(&ada.record(&meta), ada.limit(), later).await;
    let Limited { result, evicted } = expect_ok("create_limited", created);
    requirement.holds(result.is_some(), "the expired session is counted");
    Requirement("an expired session is not evicted").equal(evicted, vec![]);
}

async fn other_values_do_not_count<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for on_full in [Evict::Oldest, Evict::Reject] {
        let ada = LimitedUser::new(1, on_full);
        let elsewhere = Record::new(&fixture.meta(), [("device", ada.value.as_slice())]);
        let eve = Record::new(&fixture.meta(), [("user", indexed("eve").as_slice())]);
        let others = [fixture.create(&elsewhere).await, fixture.create(&eve).await];
        let (token, id) = ada.create_allowed(&fixture).await;
        requirement.equal(ada.ids(&fixture).await, vec![id]);
        for token in others {
            requirement.holds(fixture.load(&token).await.is_some(), "a session with another value is gone");
            fixture.destroy(&token).await;
        }
        fixture.destroy(&token).await;
    }
}

async fn a_failed_limited_renewal_destroys_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let ada = LimitedUser::new(1, Evict::Oldest);
    let (_, id) = ada.create_allowed(&fixture).await;
    let token = fixture.create(&fixture.record()).await;
    let cas = Change::CompareAndSet { expected: None, value: Some(b"eve".to_vec()) };
    let written = ada.renew(&fixture, &token, &ada.sign_in().with("name", cas)).await;
    requirement.equal(written, WriteOutcome::Conflict("name".to_owned()).into());
    fixture.destroy(&token).await;
    requirement.equal(ada.renew(&fixture, &token, &ada.sign_in()).await, WriteOutcome::Gone.into());
    requirement.equal(ada.ids(&fixture).await, vec![id]);
}
