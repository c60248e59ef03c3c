//! `sweep`, where a store offers it.

use super::Promise;
use super::trial::{self, MINUTE, Trial, is_done, offered, worked};
use crate::{Meta, Record, Store};

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    sweeping_frees_the_expired_and_counts_them(trial().await).await;
    a_touched_session_is_not_swept(trial().await).await;
}

async fn sweeping_frees_the_expired_and_counts_them<S: Store>(trial: Trial<S>) {
    let promise = Promise("`sweep` frees what expired sessions take up and returns how many there were");
    let record = trial.record();
    let live = trial.create(&record).await;
    let mut expired = Vec::new();
    for _ in 0..5 {
        let meta = Meta { idle_deadline: trial.now.after(MINUTE), ..trial.meta() };
        expired.push(trial.create(&Record::new(&meta, [])).await);
    }
    let at = trial.now.after(MINUTE);
    let Some(none) = offered("sweep", trial.store.sweep(trial.now).await) else { return };
    promise.equal(none, 0);
    promise.equal(offered("sweep", trial.store.sweep(at).await), Some(5));
    promise.equal(offered("sweep", trial.store.sweep(at).await), Some(0));
    for token in &expired {
        promise.equal(trial.load(token).await, None);
    }
    trial::equal(&Promise("`sweep` never touches a live session"), &trial.live(&live).await, &record);
}

async fn a_touched_session_is_not_swept<S: Store>(trial: Trial<S>) {
    let promise = Promise("a session that was touched in time is not swept");
    for _ in 0..100 {
        let deadline = trial.now.after(MINUTE);
        let meta = Meta { idle_deadline: deadline, ..trial.meta() };
        let token = trial.create(&Record::new(&meta, [])).await;
        let of_job = token.clone();
        let now = trial.now;
        let jobs = trial.at_once(2, move |job, store| {
            let token = of_job.clone();
            async move {
                if job == 0 {
                    return offered("sweep", store.sweep(deadline).await).is_some();
                }
                is_done(&worked("touch", store.touch(&token, deadline.after(MINUTE), now).await))
            }
        });
        let done = jobs.await;
        if !done[0] {
            return;
        }
        promise.equal(trial.load_at(&token, deadline).await.is_some(), done[1]);
        trial.destroy(&token).await;
    }
}
