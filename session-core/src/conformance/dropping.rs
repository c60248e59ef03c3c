//! A future that is dropped half-way leaves its session whole.

use std::pin::pin;
use std::task::{Context, Waker};

use tokio::task::yield_now;

use super::Promise;
use super::trial::{self, Shown, Trial, add, counter, shown};
use crate::{Patch, Record, Store};

/// How often a future is polled before it is dropped.
const POLLS: [usize; 6] = [0, 1, 2, 3, 5, 8];

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    a_dropped_read_changes_nothing(trial().await).await;
    a_dropped_write_happens_as_a_whole_or_not_at_all(trial().await).await;
}

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    for polls in POLLS {
        a_dropped_renewal_leaves_the_old_record_or_none(trial().await, polls).await;
        a_dropped_create_disturbs_nothing(trial().await, polls).await;
        a_dropped_destroy_ends_the_session_or_does_not(trial().await, polls).await;
    }
}

/// Polls a future a few times, giving others their turn in between, and drops it.
async fn abandon(future: impl Future, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        yield_now().await;
    }
}

async fn a_dropped_read_changes_nothing<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let token = trial.create(&record).await;
    for polls in POLLS {
        abandon(trial.store.load(&token, trial.now), polls).await;
        trial::equal(&Promise("a dropped `load` changes nothing"), &trial.live(&token).await, &record);
    }
}

async fn a_dropped_write_happens_as_a_whole_or_not_at_all<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("a write happens as a whole or not at all, also when its future is dropped half-way");
    let patch = Patch::new().set("name", *b"bob").remove("theme").with("visits", add(1));
    for polls in POLLS {
        let record = trial.record();
        let token = trial.create(&record).await;
        abandon(trial.store.update(&token, &patch, trial.now), polls).await;
        let seen = shown(&trial.live(&token).await);
        promise.holds(seen == shown(&record) || seen == after(&record), &seen);
        let later = record.meta().idle_deadline.after(trial::MINUTE);
        abandon(trial.store.touch(&token, later, trial.now), polls).await;
        let seen = shown(&trial.live(&token).await);
        promise.holds(seen == shown(&record) || seen == after(&record), &seen);
    }
}

/// The fields of [`Trial::record`] after the patch above.
fn after(record: &Record) -> Shown {
    shown(&Record::new(&record.meta(), [("name", b"bob".as_slice()), ("visits", &*counter(1))]))
}

async fn a_dropped_renewal_leaves_the_old_record_or_none<S: Store>(trial: Trial<S>, polls: usize) {
    let promise = Promise("a dropped `renew` leaves the old token with the old record, or dead");
    let record = trial.record();
    let token = trial.create(&record).await;
    abandon(trial.store.renew(&token, &Patch::new().set("name", *b"bob"), trial.now), polls).await;
    let seen = trial.load(&token).await.map(|record| shown(&record));
    promise.holds(seen.is_none() || seen == Some(shown(&record)), &seen);
    promise.equal(trial.count().await.unwrap_or(1), 1);
}

async fn a_dropped_create_disturbs_nothing<S: Store>(trial: Trial<S>, polls: usize) {
    let promise = Promise("a dropped `create` disturbs nobody");
    let record = trial.record();
    let token = trial.create(&record).await;
    abandon(trial.store.create(&record, trial.now), polls).await;
    trial::equal(&promise, &trial.live(&token).await, &record);
}

async fn a_dropped_destroy_ends_the_session_or_does_not<S: Store>(trial: Trial<S>, polls: usize) {
    let promise = Promise("a dropped `destroy` ends the session or leaves it whole");
    let record = trial.record();
    let token = trial.create(&record).await;
    abandon(trial.store.destroy(&token), polls).await;
    let seen = trial.load(&token).await.map(|record| shown(&record));
    promise.holds(seen.is_none() || seen == Some(shown(&record)), &seen);
    trial.destroy(&token).await;
    Promise("`destroy` can be repeated").equal(trial.load(&token).await, None);
}
