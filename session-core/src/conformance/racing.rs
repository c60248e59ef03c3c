//! Concurrent requests of one session.

use super::fixture::{self, Fixture, add, counter, expect_ok, is_done, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{Change, Patch, Store, WriteOutcome};

/// The number of times that a race is repeated, since not every attempt overlaps.
const ROUNDS: usize = 50;

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "100 concurrent additions of 1 sum up to 100"
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
    }
}

async fn concurrent_additions_sum_up<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let (shared_token, now) = (token.clone(), fixture.now);
    let jobs = fixture.run_concurrently(20, move |_, store| {
        let token = shared_token.clone();
        async move {
            for _ in 0..5 {
                let patch = Patch::new().with("visits", add(1));
                token_after(&token, expect_ok("update", store.update(&token, &patch, now).await));
            }
        }
    });
    jobs.await;
    let seen = fixture.load_live(&token).await;
    requirement.equal(seen.get("visits"), Some(&*counter(100)));
}

async fn concurrent_writes_of_different_fields_all_succeed<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    for _ in 0..ROUNDS {
        let token = fixture.create(&fixture.record()).await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(4, move |job, store| {
            let token = shared_token.clone();
            async move {
                let patch = Patch::new().set(format!("field {job}"), *b"set");
                token_after(&token, expect_ok("update", store.update(&token, &patch, now).await));
            }
        });
        jobs.await;
        let seen = fixture.load_live(&token).await;
        for job in 0..4 {
            requirement.equal(seen.get(&format!("field {job}")), Some(b"set".as_slice()));
        }
        requirement.equal(seen.get("name"), Some(b"ada".as_slice()));
    }
}

async fn of_concurrent_comparisons_one_succeeds<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for _ in 0..ROUNDS {
        let token = fixture.create(&fixture.record()).await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(4, move |job, store| {
            let token = shared_token.clone();
            async move {
                let value = Some(job.to_string().into_bytes());
                let cas = Change::CompareAndSet { expected: Some(b"ada".to_vec()), value };
                expect_ok("update", store.update(&token, &Patch::new().with("name", cas), now).await)
            }
        });
        let written = jobs.await;
        let winners: Vec<_> = (0..4).filter(|job| is_done(&written[*job])).collect();
        requirement.holds(winners.len() == 1, &written);
        requirement
            .equal(fixture.load_live(&token).await.get("name"), Some(winners[0].to_string().as_bytes()));
    }
}

async fn of_concurrent_renewals_one_succeeds<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for _ in 0..ROUNDS {
        let token = fixture.create(&fixture.record()).await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(4, move |job, store| {
            let token = shared_token.clone();
            async move {
                let patch = Patch::new().set("name", job.to_string());
                expect_ok("renew", store.renew(&token, &patch, now).await)
            }
        });
        let written = jobs.await;
        let renewed: Vec<_> = written.iter().enumerate().filter(|(_, written)| is_done(written)).collect();
        requirement.holds(renewed.len() == 1, &written);
        requirement.equal(written.iter().filter(|written| **written == WriteOutcome::Gone).count(), 3);
        let (winner, written) = renewed[0];
        let fresh = token_after(&token, written.clone());
        requirement.equal(fixture.load_live(&fresh).await.get("name"), Some(winner.to_string().as_bytes()));
        requirement.equal(fixture.load(&token).await, None);
        fixture.destroy(&fresh).await;
    }
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
}

async fn a_renewal_never_shows_both_tokens_or_neither<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    for _ in 0..ROUNDS {
        let record = fixture.record();
        let token = fixture.create(&record).await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(3, move |job, store| {
            let token = shared_token.clone();
            async move {
                if job == 0 {
                    let patch = Patch::new().set("name", *b"bob");
                    let fresh =
                        token_after(&token, expect_ok("renew", store.renew(&token, &patch, now).await));
                    let old = expect_ok("load", store.load(&token, now).await);
                    let new = expect_ok("load", store.load(&fresh, now).await);
                    return (old.is_none() && new.is_some(), Some(fresh));
                }
                // The old token has the old record until it is invalid, and stays invalid.
                let mut was_invalid = false;
                for _ in 0..20 {
                    match expect_ok("load", store.load(&token, now).await) {
                        None => was_invalid = true,
                        Some(record) if was_invalid || record.get("name") != Some(b"ada") => {
                            return (false, None);
                        }
                        Some(_) => {}
                    }
                }
                (true, None)
            }
        });
        let seen = jobs.await;
        requirement.holds(seen.iter().all(|(kept, _)| *kept), &seen);
        for fresh in seen.iter().filter_map(|(_, fresh)| fresh.as_ref()) {
            requirement.equal(fixture.load_live(fresh).await.meta(), record.meta());
        }
    }
}

async fn no_write_restores_a_destroyed_session<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for _ in 0..ROUNDS {
        let record = fixture.record();
        let later = record.meta().idle_deadline.after(fixture::MINUTE);
        let token = fixture.create(&record).await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(6, move |job, store| {
            let token = shared_token.clone();
            async move {
                let patch = Patch::new().set("name", *b"eve").with("visits", add(1));
                for _ in 0..4 {
                    match job {
                        0 => drop(expect_ok("destroy", store.destroy(&token).await)),
                        1 | 2 => drop(expect_ok("touch", store.touch(&token, later, now).await)),
                        _ => drop(expect_ok("update", store.update(&token, &patch, now).await)),
                    }
                }
            }
        });
        jobs.await;
        requirement.equal(fixture.load(&token).await, None);
    }
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
}

async fn a_concurrent_renewal_and_destroy_leave_at_most_one_token<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let result = Requirement("`destroy` returns whether it found the session");
    for _ in 0..ROUNDS {
        let token = fixture.create(&fixture.record()).await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(2, move |job, store| {
            let token = shared_token.clone();
            async move {
                if job == 0 {
                    return Err(expect_ok("destroy", store.destroy(&token).await));
                }
                Ok(expect_ok("renew", store.renew(&token, &Patch::new(), now).await))
            }
        });
        let (mut written, mut found) = (None, None);
        for job in jobs.await {
            job.map_or_else(|one| found = Some(one), |answer| written = Some(answer));
        }
        requirement.equal(fixture.load(&token).await, None);
        match written {
            Some(WriteOutcome::NewToken(fresh)) => {
                requirement.holds(fixture.load(&fresh).await.is_some(), "the renewed session is gone");
                result.equal(found, Some(false));
                fixture.destroy(&fresh).await;
            }
            other => {
                requirement.equal(other, Some(WriteOutcome::Gone));
                result.equal(found, Some(true));
            }
        }
        requirement.equal(fixture.count().await.unwrap_or(0), 0);
    }
}
