//! Several requests of one session at once.

use super::Promise;
use super::trial::{self, Trial, add, counter, follow, is_done, worked};
use crate::{Change, Patch, Store, WriteOutcome};

/// How often a race is run: each start is a chance to meet.
const ROUNDS: usize = 50;

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    concurrent_additions_all_count(trial().await).await;
    writers_of_different_fields_both_land(trial().await).await;
    of_concurrent_swaps_one_succeeds(trial().await).await;
    of_concurrent_renewals_one_succeeds(trial().await).await;
    no_moment_of_a_renewal_shows_both_or_neither(trial().await).await;
    no_write_revives_a_destroyed_session(trial().await).await;
    a_renewal_and_a_destroy_leave_one_token_at_most(trial().await).await;
}

async fn concurrent_additions_all_count<S: Store>(trial: Trial<S>) {
    let token = trial.create(&trial.record()).await;
    let (of_jobs, now) = (token.clone(), trial.now);
    let jobs = trial.at_once(20, move |_, store| {
        let token = of_jobs.clone();
        async move {
            for _ in 0..5 {
                let patch = Patch::new().with("visits", add(1));
                follow(&token, worked("update", store.update(&token, &patch, now).await));
            }
        }
    });
    jobs.await;
    let seen = trial.live(&token).await;
    Promise("100 concurrent additions of one make a hundred").equal(seen.get("visits"), Some(&*counter(100)));
}

async fn writers_of_different_fields_both_land<S: Store>(trial: Trial<S>) {
    let promise = Promise("fields that a patch does not name keep what other writers gave them meanwhile");
    for _ in 0..ROUNDS {
        let token = trial.create(&trial.record()).await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(4, move |job, store| {
            let token = of_jobs.clone();
            async move {
                let patch = Patch::new().set(format!("field {job}"), *b"set");
                follow(&token, worked("update", store.update(&token, &patch, now).await));
            }
        });
        jobs.await;
        let seen = trial.live(&token).await;
        for job in 0..4 {
            promise.equal(seen.get(&format!("field {job}")), Some(b"set".as_slice()));
        }
        promise.equal(seen.get("name"), Some(b"ada".as_slice()));
    }
}

async fn of_concurrent_swaps_one_succeeds<S: Store>(trial: Trial<S>) {
    let promise = Promise("of several comparisons with one value exactly one holds");
    for _ in 0..ROUNDS {
        let token = trial.create(&trial.record()).await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(4, move |job, store| {
            let token = of_jobs.clone();
            async move {
                let value = Some(job.to_string().into_bytes());
                let swap = Change::CompareAndSet { expected: Some(b"ada".to_vec()), value };
                worked("update", store.update(&token, &Patch::new().with("name", swap), now).await)
            }
        });
        let written = jobs.await;
        let winners: Vec<_> = (0..4).filter(|job| is_done(&written[*job])).collect();
        promise.holds(winners.len() == 1, &written);
        promise.equal(trial.live(&token).await.get("name"), Some(winners[0].to_string().as_bytes()));
    }
}

async fn of_concurrent_renewals_one_succeeds<S: Store>(trial: Trial<S>) {
    let promise = Promise("of several renewals at once exactly one succeeds");
    for _ in 0..ROUNDS {
        let token = trial.create(&trial.record()).await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(4, move |job, store| {
            let token = of_jobs.clone();
            async move {
                let patch = Patch::new().set("name", job.to_string());
                worked("renew", store.renew(&token, &patch, now).await)
            }
        });
        let written = jobs.await;
        let moved: Vec<_> = written.iter().enumerate().filter(|(_, written)| is_done(written)).collect();
        promise.holds(moved.len() == 1, &written);
        promise.equal(written.iter().filter(|written| **written == WriteOutcome::Gone).count(), 3);
        let (winner, written) = moved[0];
        let fresh = follow(&token, written.clone());
        promise.equal(trial.live(&fresh).await.get("name"), Some(winner.to_string().as_bytes()));
        promise.equal(trial.load(&token).await, None);
        trial.destroy(&fresh).await;
    }
    promise.equal(trial.count().await.unwrap_or(0), 0);
}

async fn no_moment_of_a_renewal_shows_both_or_neither<S: Store>(trial: Trial<S>) {
    let promise = Promise("no moment of a renewal shows both tokens or neither");
    for _ in 0..ROUNDS {
        let record = trial.record();
        let token = trial.create(&record).await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(3, move |job, store| {
            let token = of_jobs.clone();
            async move {
                if job == 0 {
                    let patch = Patch::new().set("name", *b"bob");
                    let fresh = follow(&token, worked("renew", store.renew(&token, &patch, now).await));
                    let old = worked("load", store.load(&token, now).await);
                    let new = worked("load", store.load(&fresh, now).await);
                    return (old.is_none() && new.is_some(), Some(fresh));
                }
                // The old token shows the old record until it shows none, and none from then on.
                let mut was_dead = false;
                for _ in 0..20 {
                    match worked("load", store.load(&token, now).await) {
                        None => was_dead = true,
                        Some(record) if was_dead || record.get("name") != Some(b"ada") => {
                            return (false, None);
                        }
                        Some(_) => {}
                    }
                }
                (true, None)
            }
        });
        let seen = jobs.await;
        promise.holds(seen.iter().all(|(kept, _)| *kept), &seen);
        for fresh in seen.iter().filter_map(|(_, fresh)| fresh.as_ref()) {
            promise.equal(trial.live(fresh).await.meta(), record.meta());
        }
    }
}

async fn no_write_revives_a_destroyed_session<S: Store>(trial: Trial<S>) {
    let promise = Promise("a session that was destroyed is not revived by a write of that time");
    for _ in 0..ROUNDS {
        let record = trial.record();
        let later = record.meta().idle_deadline.after(trial::MINUTE);
        let token = trial.create(&record).await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(6, move |job, store| {
            let token = of_jobs.clone();
            async move {
                let patch = Patch::new().set("name", *b"eve").with("visits", add(1));
                for _ in 0..4 {
                    match job {
                        0 => drop(worked("destroy", store.destroy(&token).await)),
                        1 | 2 => drop(worked("touch", store.touch(&token, later, now).await)),
                        _ => drop(worked("update", store.update(&token, &patch, now).await)),
                    }
                }
            }
        });
        jobs.await;
        promise.equal(trial.load(&token).await, None);
    }
    promise.equal(trial.count().await.unwrap_or(0), 0);
}

async fn a_renewal_and_a_destroy_leave_one_token_at_most<S: Store>(trial: Trial<S>) {
    let promise = Promise("a renewal that met a destroy either moved the session before or found it gone");
    let told = Promise("`destroy` says whether it found the session there");
    for _ in 0..ROUNDS {
        let token = trial.create(&trial.record()).await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(2, move |job, store| {
            let token = of_jobs.clone();
            async move {
                if job == 0 {
                    return Err(worked("destroy", store.destroy(&token).await));
                }
                Ok(worked("renew", store.renew(&token, &Patch::new(), now).await))
            }
        });
        let (mut written, mut found) = (None, None);
        for job in jobs.await {
            job.map_or_else(|one| found = Some(one), |answer| written = Some(answer));
        }
        promise.equal(trial.load(&token).await, None);
        match written {
            Some(WriteOutcome::NewToken(fresh)) => {
                promise.holds(trial.load(&fresh).await.is_some(), "a moved session that is gone");
                told.equal(found, Some(false));
                trial.destroy(&fresh).await;
            }
            other => {
                promise.equal(other, Some(WriteOutcome::Gone));
                told.equal(found, Some(true));
            }
        }
        promise.equal(trial.count().await.unwrap_or(0), 0);
    }
}
