//! `destroy`: for good, and no more than that.

use super::Promise;
use super::trial::{self, Trial};
use crate::{Store, WriteOutcome};

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    a_destroyed_session_is_gone(trial().await).await;
    other_sessions_live_on(trial().await).await;
    another_store_does_not_reach_it(trial().await, trial().await).await;
}

async fn a_destroyed_session_is_gone<S: Store>(trial: Trial<S>) {
    let promise = Promise("`destroy` ends the session");
    let token = trial.create(&trial.record()).await;
    promise.equal(trial.destroy(&token).await, true);
    promise.equal(trial.load(&token).await, None);
    promise.equal(
        trial.writes_at(&token, trial.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    promise.equal(trial.load(&token).await, None);
    promise.equal(trial.count().await.unwrap_or(0), 0);
    // Ending one that is not there is no error: `destroy` fails the suite if it is one.
    trial.destroy(&token).await;
}

async fn other_sessions_live_on<S: Store>(trial: Trial<S>) {
    let promise = Promise("`destroy` ends one session only");
    let record = trial.record();
    let (kept, ended) = (trial.create(&record).await, trial.create(&record).await);
    trial.destroy(&ended).await;
    trial::equal(&promise, &trial.live(&kept).await, &record);
    promise.equal(trial.count().await.unwrap_or(1), 1);
}

async fn another_store_does_not_reach_it<S: Store>(trial: Trial<S>, other: Trial<S>) {
    let promise = Promise("stores that share a place do not reach each other's sessions");
    let record = trial.record();
    let token = trial.create(&record).await;
    promise.equal(other.load(&token).await, None);
    promise.equal(
        other.writes_at(&token, other.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    other.destroy(&token).await;
    trial::equal(&promise, &trial.live(&token).await, &record);
    promise.equal(other.count().await.unwrap_or(0), 0);
}
