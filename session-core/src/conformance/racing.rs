//! Concurrent requests of one session, on threads.

use super::fixture::{self, Fixture, add, counter, expect_ok, token_after};
use super::writes::{Pair, Write, run_on_threads};
use super::{Harness, Requirement, Suite, check};
use crate::{Change, Patch, Store};

/// The number of times that a race is repeated, since not every attempt overlaps.
const ROUNDS: usize = 64;
/// The number of threads of a race.
const THREADS: usize = 4;

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "concurrent additions sum up"
            => concurrent_additions_sum_up,
        "fields that a patch does not name keep the values of concurrent writers"
            => concurrent_writes_of_different_fields_all_succeed,
        "of several concurrent comparisons with the same value exactly one succeeds"
            => of_concurrent_comparisons_one_succeeds,
        "of several concurrent renewals of a token exactly one succeeds"
            => of_concurrent_renewals_one_succeeds,
        "at no time during a renewal are both tokens valid, or neither"
            => a_renewal_never_shows_both_tokens_or_neither,
        "a destroyed session is not restored by a concurrent write"
            => no_write_restores_a_destroyed_session,
        "a renewal concurrent with a `destroy` either comes first or finds the session gone"
            => a_concurrent_renewal_and_destroy_leave_at_most_one_token,
        "concurrent writes have the effect of one after the other"
            => concurrent_writes_have_the_effect_of_one_after_the_other,
    }
}

async fn concurrent_additions_sum_up<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    const ADDITIONS: usize = 100;
    let token = fixture.create(&fixture.record()).await;
    let now = fixture.now;
    let added = fixture.race(THREADS, vec![token.clone(); ADDITIONS], move |_, token, store| async move {
        let patch = Patch::new().with("visits", add(1));
        token_after(&token, expect_ok("update", store.update(&token, &patch, now).await));
    });
    added.await;
    let seen = fixture.load_live(&token).await;
    requirement.equal(seen.get("visits"), Some(&*counter(400)));
}

async fn concurrent_writes_of_different_fields_all_succeed<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let token = fixture.create(&fixture.record()).await;
    let now = fixture.now;
    let rounds: Vec<_> = (0..ROUNDS).map(|round| (token.clone(), round)).collect();
    let written = fixture.race(THREADS, rounds.clone(), move |thread, (token, round), store| async move {
        let patch = Patch::new().set(format!("field {thread} {round}"), *b"set");
        token_after(&token, expect_ok("update", store.update(&token, &patch, now).await));
    });
    written.await;
    let seen = fixture.load_live(&token).await;
    let lost = (0..ROUNDS).filter(|round| {
        (0..THREADS).any(|thread| seen.get(&format!("field {thread} {round}")) != Some(b"set"))
    });
    requirement.equal(lost.collect::<Vec<_>>(), vec![]);
    requirement.equal(seen.get("name"), Some(b"ada".as_slice()));
}

async fn of_concurrent_comparisons_one_succeeds<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    run_on_threads(&fixture, &[Pair(Write::CompareAndSet, Write::CompareAndSet)], &requirement).await;
    let token = fixture.create(&fixture.record()).await;
    let now = fixture.now;
    let rounds: Vec<_> = (0..ROUNDS).map(|round| (token.clone(), round)).collect();
    let claimed = fixture.race(THREADS, rounds.clone(), move |_, (token, round), store| async move {
        let claim = Change::CompareAndSet { expected: None, value: Some(b"claimed".to_vec()) };
        let patch = Patch::new().with(format!("code {round}"), claim);
        fixture::is_done(&expect_ok("update", store.update(&token, &patch, now).await))
    });
    for claimed in claimed.await {
        requirement.equal(claimed.iter().filter(|claimed| **claimed).count(), 1);
    }
}

async fn of_concurrent_renewals_one_succeeds<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    run_on_threads(&fixture, &[Pair(Write::Renew, Write::Renew)], &requirement).await;
}

async fn a_renewal_never_shows_both_tokens_or_neither<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let mut tokens = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        tokens.push(fixture.create(&fixture.record()).await);
    }
    let now = fixture.now;
    let seen = fixture.race(3, tokens.clone(), move |thread, token, store| async move {
        if thread == 0 {
            let patch = Patch::new().set("name", *b"bob");
            let fresh = token_after(&token, expect_ok("renew", store.renew(&token, &patch, now).await));
            let old = expect_ok("load", store.load(&token, now).await);
            let new = expect_ok("load", store.load(&fresh, now).await);
            return old.is_none() && new.is_some();
        }
        // The old token has the old record until it is invalid, and stays invalid.
        let mut was_invalid = false;
        for _ in 0..8 {
            match expect_ok("load", store.load(&token, now).await) {
                None => was_invalid = true,
                Some(record) if was_invalid || record.get("name") != Some(b"ada") => return false,
                Some(_) => {}
            }
        }
        true
    });
    for kept in seen.await {
        requirement.holds(kept.iter().all(|kept| *kept), kept);
    }
}

async fn no_write_restores_a_destroyed_session<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let writes = [Write::Update, Write::CompareAndSet, Write::Touch, Write::Destroy];
    run_on_threads(&fixture, &writes.map(|write| Pair(Write::Destroy, write)), &requirement).await;
}

async fn a_concurrent_renewal_and_destroy_leave_at_most_one_token<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    run_on_threads(&fixture, &[Pair(Write::Renew, Write::Destroy)], &requirement).await;
}

async fn concurrent_writes_have_the_effect_of_one_after_the_other<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let pairs = [
        Pair(Write::Renew, Write::Update),
        Pair(Write::Renew, Write::CompareAndSet),
        Pair(Write::Renew, Write::Touch),
        Pair(Write::Update, Write::CompareAndSet),
        Pair(Write::Update, Write::Touch),
        Pair(Write::Touch, Write::Touch),
    ];
    run_on_threads(&fixture, &pairs, &requirement).await;
}
