//! `count`, `list` and `clear`, where a store offers them.

use std::collections::BTreeSet;

use super::Promise;
use super::trial::{self, MINUTE, Trial, follow, offered};
use crate::{HandleId, Meta, Patch, Record, Store, Token};

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    live_sessions_are_counted(trial().await).await;
    live_sessions_are_listed(trial().await).await;
    what_lives_throughout_is_listed(trial().await).await;
    a_list_ends_though_more_come_than_a_page_holds(trial().await).await;
    clearing_ends_all_sessions_of_one_store(trial().await, trial().await).await;
}

async fn live_sessions_are_counted<S: Store>(trial: Trial<S>) {
    let promise = Promise("`count` counts the live sessions");
    let Some(none) = trial.count().await else { return };
    promise.equal(none, 0);
    let record = trial.record();
    let token = trial.create(&record).await;
    trial.create(&Record::new(&Meta { idle_deadline: trial.now.after(MINUTE), ..trial.meta() }, [])).await;
    promise.equal(trial.count().await, Some(2));
    let at = trial.now.after(MINUTE);
    promise.equal(offered("count", trial.store.count(at).await), Some(1));
    let token = follow(&token, trial.renew(&token, &Patch::new()).await);
    promise.equal(offered("count", trial.store.count(at).await), Some(1));
    trial.destroy(&token).await;
    promise.equal(offered("count", trial.store.count(at).await), Some(0));
}

async fn live_sessions_are_listed<S: Store>(trial: Trial<S>) {
    let promise = Promise("`list` gives live records");
    let record = trial.record();
    trial.create(&record).await;
    trial.create(&Record::new(&Meta { idle_deadline: trial.now.after(MINUTE), ..trial.meta() }, [])).await;
    let ended = trial.create(&trial.record()).await;
    trial.destroy(&ended).await;
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let result = trial.store.list(after.as_ref(), 10, trial.now.after(MINUTE)).await;
        let Some(page) = offered("list", result) else { return };
        listed.extend(page.records);
        match page.next {
            None => break,
            next => after = next,
        }
    }
    promise.equal(listed.len(), 1);
    trial::equal(&promise, &listed[0], &record);
}

async fn what_lives_throughout_is_listed<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("every session that lives under one token from the first page to the last is listed");
    let mut steady: Vec<(HandleId, Token)> = Vec::new();
    for _ in 0..40 {
        let record = trial.record();
        steady.push((record.meta().id, trial.create(&record).await));
    }
    let mut coming = trial.create(&trial.record()).await;
    let mut listed = BTreeSet::new();
    let mut after = None;
    // Pages may be short or empty, but not for ever.
    for round in 0..10_000 {
        let Some(page) = offered("list", trial.store.list(after.as_ref(), 7, trial.now).await) else {
            return;
        };
        listed.extend(page.records.iter().map(|record| record.meta().id));
        after = page.next;
        if after.is_none() {
            break;
        }
        promise.holds(round < 9_999, "a list without an end");
        let (_, token) = &steady[round % steady.len()];
        let _ = trial.update(token, &Patch::new().set("round", round.to_le_bytes())).await;
        let going = std::mem::replace(&mut coming, trial.create(&trial.record()).await);
        trial.destroy(&going).await;
    }
    let missing = steady.iter().filter(|(id, _)| !listed.contains(id)).count();
    promise.holds(missing == 0, format_args!("{missing} of 40 are missing"));
}

async fn a_list_ends_though_more_come_than_a_page_holds<S: Store>(trial: Trial<S>) {
    let promise = Promise("a list ends whatever is created meanwhile");
    let mut steady = BTreeSet::new();
    for _ in 0..20 {
        let record = trial.record();
        trial.create(&record).await;
        steady.insert(record.meta().id);
    }
    let mut listed = BTreeSet::new();
    let mut after = None;
    for page in 0.. {
        promise.holds(page < 1_000, "a list without an end");
        let Some(found) = offered("list", trial.store.list(after.as_ref(), 1, trial.now).await) else {
            return;
        };
        listed.extend(found.records.iter().map(|record| record.meta().id));
        after = found.next;
        if after.is_none() {
            break;
        }
        for _ in 0..3 {
            trial.create(&trial.record()).await;
        }
    }
    promise.holds(steady.is_subset(&listed), "a session that was there from the first page is missing");
}

async fn clearing_ends_all_sessions_of_one_store<S: Store>(trial: Trial<S>, other: Trial<S>) {
    let promise = Promise("`clear` ends all sessions of this store and returns how many");
    let tokens = [trial.create(&trial.record()).await, trial.create(&trial.record()).await];
    let elsewhere = other.create(&other.record()).await;
    let Some(cleared) = offered("clear", trial.store.clear().await) else { return };
    promise.equal(cleared, 2);
    for token in &tokens {
        promise.equal(trial.load(token).await, None);
    }
    promise.equal(trial.count().await.unwrap_or(0), 0);
    promise.equal(offered("clear", trial.store.clear().await), Some(0));
    Promise("`clear` ends nothing else").holds(other.load(&elsewhere).await.is_some(), "None");
    let token = trial.create(&trial.record()).await;
    Promise("a cleared store goes on").holds(trial.load(&token).await.is_some(), "None");
}
