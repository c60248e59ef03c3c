//! Many who sign in at once, where a store caps their sessions.

use super::Promise;
use super::capping::Cast;
use super::indexing::{found, indexed};
use super::trial::{Trial, follow, is_done, worked};
use crate::{Evict, Patch, Store};

/// How many sign in at once.
const RACERS: usize = 12;

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    for evict in [Evict::Oldest, Evict::Reject] {
        of_concurrent_sign_ins_no_more_than_fit_are_left(trial().await, evict).await;
    }
    no_moment_shows_more_than_fit(trial().await).await;
}

/// Many sign in at once, half of them with a session that they have already.
async fn race<S: Store>(trial: &Trial<S>, most: usize, evict: Evict) -> usize {
    let mut anonymous = Vec::new();
    for _ in 0..RACERS {
        anonymous.push(trial.create(&trial.record()).await);
    }
    let (now, metas) = (trial.now, (0..RACERS).map(|_| trial.meta()).collect::<Vec<_>>());
    let jobs = trial.at_once(RACERS, move |job, store| {
        let (token, meta) = (anonymous[job].clone(), metas[job]);
        async move {
            let ada = Cast::new(most, evict);
            if job % 2 == 0 {
                let created = store.create_within(&ada.record(&meta), ada.cap(), now).await;
                return worked("create_within", created).is_some();
            }
            let written = store.renew_within(&token, &ada.sign_in(), ada.cap(), now).await;
            is_done(&worked("renew_within", written))
        }
    });
    jobs.await.into_iter().filter(|done| *done).count()
}

async fn of_concurrent_sign_ins_no_more_than_fit_are_left<S: Store>(trial: Trial<S>, evict: Evict) {
    let promise =
        Promise("of any number of capped writes at once no more than fit hold the value, and no fewer");
    for most in [1, 2, 5].into_iter().cycle().take(15) {
        let done = race(&trial, most, evict).await;
        let ada = Cast::new(most, evict);
        promise.equal(ada.ids(&trial).await.len(), most);
        promise.equal(done, if evict == Evict::Oldest { RACERS } else { most });
        worked("destroy_by", trial.store.destroy_by("user", &ada.value, None, trial.now).await);
    }
}

async fn no_moment_shows_more_than_fit<S: Store>(trial: Trial<S>) {
    let promise = Promise("with `Reject` no moment shows more sessions of a value than may be");
    for _ in 0..20 {
        let (token, _) = Cast::new(2, Evict::Reject).created(&trial).await;
        let (now, metas) = (trial.now, (0..RACERS).map(|_| trial.meta()).collect::<Vec<_>>());
        let jobs = trial.at_once(RACERS, move |job, store| {
            let (mut token, meta) = (token.clone(), metas[job]);
            async move {
                let ada = Cast::new(2, Evict::Reject);
                let mut most = 0;
                match job {
                    // Who is renewed all the time is counted all the same.
                    0 => {
                        for _ in 0..20 {
                            token = follow(
                                &token,
                                worked("renew", store.renew(&token, &Patch::new(), now).await),
                            );
                        }
                    }
                    1 => {
                        for _ in 0..20 {
                            let records = worked("find_by", store.find_by("user", &ada.value, now).await);
                            let mut ids: Vec<_> = records.iter().map(|record| record.meta().id).collect();
                            ids.sort_unstable();
                            ids.dedup();
                            most = most.max(ids.len());
                        }
                    }
                    _ => {
                        let created = store.create_within(&ada.record(&meta), ada.cap(), now).await;
                        worked("create_within", created);
                    }
                }
                most
            }
        });
        let seen = jobs.await;
        promise.holds(seen.iter().all(|seen| *seen <= 2), &seen);
        promise.equal(found(&trial, "ada").await.len(), 2);
        worked("destroy_by", trial.store.destroy_by("user", &indexed("ada"), None, trial.now).await);
    }
}
