//! Many who sign in at once, where a store limits their sessions.

use super::Promise;
use super::limiting::Cast;
use super::trial::{Trial, is_done, worked};
use crate::{Evict, Store};

/// How many sign in at once.
const RACERS: usize = 12;

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    for evict in [Evict::Oldest, Evict::Reject] {
        of_concurrent_sign_ins_no_more_than_fit_are_left(trial().await, evict).await;
    }
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
                let created = store.create_limited(&ada.record(&meta), ada.limit(), now).await;
                return worked("create_limited", created).is_some();
            }
            let written = store.renew_limited(&token, &ada.sign_in(), ada.limit(), now).await;
            is_done(&worked("renew_limited", written))
        }
    });
    jobs.await.into_iter().filter(|done| *done).count()
}

async fn of_concurrent_sign_ins_no_more_than_fit_are_left<S: Store>(trial: Trial<S>, evict: Evict) {
    let promise =
        Promise("of any number of limited writes at once no more than fit hold the value when all are done");
    for most in [1, 2, 5].into_iter().cycle().take(15) {
        let done = race(&trial, most, evict).await;
        let ada = Cast::new(most, evict);
        let left = ada.ids(&trial).await.len();
        match evict {
            Evict::Oldest => promise.equal((left, done), (most, RACERS)),
            // Two that are in each other's way may both be refused.
            Evict::Reject => promise.holds(left <= most && left == done, (left, done)),
        }
        worked("destroy_by", trial.store.destroy_by("user", &ada.value, None, trial.now).await);
    }
}
