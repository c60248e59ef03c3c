//! Deadlines: exact, moved forward by `touch`, and as new limits say.

use std::time::Duration;

use super::Promise;
use super::trial::{self, MINUTE, Trial, follow, is_done};
use crate::{Deadlines, Meta, Patch, Record, Store, Timestamp, Token, WriteOutcome};

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    the_idle_deadline_is_exact(trial().await).await;
    the_lifetime_deadline_is_exact(trial().await).await;
    what_never_expires_stays(trial().await).await;
    writing_lasts_until_the_deadline(trial().await).await;
    a_touch_moves_the_idle_deadline_forward(trial().await).await;
    a_touch_never_moves_it_back(trial().await).await;
    a_touch_does_not_outlive_the_lifetime(trial().await).await;
    a_patch_touches_as_well(trial().await).await;
    limits_replace_the_deadlines(trial().await).await;
}

/// Checks that the session of `token` lives until `deadline` and no longer.
async fn ends_at<S: Store>(trial: &Trial<S>, token: &Token, deadline: Timestamp) {
    let just_before = Timestamp::from_millis(deadline.as_millis() - 1);
    Promise("a session is live while `now` is before its deadline")
        .holds(trial.load_at(token, just_before).await.is_some(), "None one millisecond before");
    let promise = Promise("at its deadline a session is as if it was never there");
    for now in [deadline, deadline.after(Duration::from_millis(1)), deadline.after(60 * MINUTE)] {
        promise.equal(trial.load_at(token, now).await, None);
        promise.equal(
            trial.writes_at(token, now).await,
            [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
        );
    }
}

async fn the_idle_deadline_is_exact<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let token = trial.create(&record).await;
    ends_at(&trial, &token, record.meta().idle_deadline).await;
}

async fn the_lifetime_deadline_is_exact<S: Store>(trial: Trial<S>) {
    let lifetime_deadline = trial.now.after(10 * MINUTE);
    let record = Record::new(&Meta { lifetime_deadline, ..trial.meta() }, []);
    let token = trial.create(&record).await;
    ends_at(&trial, &token, lifetime_deadline).await;
}

async fn what_never_expires_stays<S: Store>(trial: Trial<S>) {
    let promise = Promise("`Timestamp::NEVER` is a deadline that never comes");
    let idle = Meta { idle_deadline: Timestamp::NEVER, idle_timeout: Duration::MAX, ..trial.meta() };
    let token = trial.create(&Record::new(&idle, [])).await;
    ends_at(&trial, &token, idle.lifetime_deadline).await;

    let forever = Record::new(&Meta { lifetime_deadline: Timestamp::NEVER, ..idle }, []);
    let token = trial.create(&forever).await;
    let loaded = trial.load_at(&token, trial.now.after(Duration::from_secs(10 * 365 * 86_400))).await;
    promise.equal(loaded.map(|record| record.meta()), Some(forever.meta()));
}

async fn writing_lasts_until_the_deadline<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let deadline = record.meta().deadline();
    let just_before = Timestamp::from_millis(deadline.as_millis() - 1);
    let token = trial.create(&record).await;
    let patch = Patch::new().set("name", *b"eve");
    let written = trial::worked("update", trial.store.update(&token, &patch, just_before).await);
    let token = follow(&token, written);
    let written =
        trial::worked("touch", trial.store.touch(&token, deadline.after(MINUTE), just_before).await);
    let token = follow(&token, written);
    ends_at(&trial, &token, deadline.after(MINUTE)).await;
}

async fn a_touch_moves_the_idle_deadline_forward<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let later = record.meta().idle_deadline.after(5 * MINUTE);
    let token = trial.create(&record).await;
    let token = follow(&token, trial.touch(&token, later).await);
    trial::equal(
        &Promise("a touch moves the idle deadline and nothing else"),
        &trial.live(&token).await,
        &record.with_idle_deadline(later),
    );
    ends_at(&trial, &token, later).await;
}

async fn a_touch_never_moves_it_back<S: Store>(trial: Trial<S>) {
    let promise = Promise("a deadline that is earlier than the record's own changes nothing and is no error");
    let record = trial.record();
    let token = trial.create(&record).await;
    let written = trial.touch(&token, trial.now.after(MINUTE)).await;
    promise.holds(is_done(&written), &written);
    let token = follow(&token, written);
    trial::equal(&promise, &trial.live(&token).await, &record);
    ends_at(&trial, &token, record.meta().idle_deadline).await;
}

async fn a_touch_does_not_outlive_the_lifetime<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let lifetime = record.meta().lifetime_deadline;
    let token = trial.create(&record).await;
    let token = follow(&token, trial.touch(&token, lifetime.after(60 * MINUTE)).await);
    ends_at(&trial, &token, lifetime).await;
}

async fn a_patch_touches_as_well<S: Store>(trial: Trial<S>) {
    let promise = Promise("a patch moves the idle deadline forward, never back");
    let record = trial.record();
    let idle_deadline = record.meta().idle_deadline;
    let earlier = Patch::new().set("a", *b"1").touch(trial.now.after(MINUTE));
    let (token, patched) = trial.patched(&record, &earlier).await;
    promise.equal(patched.meta(), record.meta());
    let later = idle_deadline.after(5 * MINUTE);
    let token = follow(&token, trial.update(&token, &Patch::new().touch(later)).await);
    promise.equal(trial.live(&token).await.meta().idle_deadline, later);
    ends_at(&trial, &token, later).await;
}

async fn limits_replace_the_deadlines<S: Store>(trial: Trial<S>) {
    let promise = Promise("new limits replace the deadlines, also by earlier ones");
    let record = trial.record();
    for minutes in [5, 50] {
        let limits = Deadlines {
            idle_timeout: minutes * MINUTE,
            idle_deadline: trial.now.after(minutes * MINUTE),
            lifetime_deadline: trial.now.after(2 * minutes * MINUTE),
            remember: true,
        };
        let patch = Patch::new().set_deadlines(limits);
        let (token, patched) = trial.patched(&record, &patch).await;
        promise.equal(patched.meta(), patch.meta(record.meta()));
        ends_at(&trial, &token, limits.idle_deadline).await;
    }
}
