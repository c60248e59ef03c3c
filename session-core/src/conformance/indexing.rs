//! Finding and ending sessions by what an indexed field holds.

use super::Promise;
use super::trial::{Trial, follow, offered, worked};
use crate::{HandleId, Patch, Record, Store, StoreError, Token, WriteOutcome};

/// Hostile to key separators, patterns and hash tags, and longer than a name should be.
const VALUES: [&str; 4] = ["ada", "a:d*a{x}", "ад\u{1f980}a", LONG];
const LONG: &str =
    "a long value that goes on and on and on and on and on and on and on and on and on and on and on";

/// A value that is not marked as indexed.
const PLAIN: &[u8] = b"\x01x";

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    if matches!(first(trial().await).await, Err(StoreError::Unsupported(_))) {
        return;
    }
    sessions_are_found_by_an_indexed_value(trial().await).await;
    the_fields_that_are_asked_for_come_along(trial().await).await;
    what_is_not_indexed_is_not_found(trial().await).await;
    the_index_follows_every_change(trial().await).await;
    expired_sessions_are_not_found(trial().await).await;
    destroying_by_value_spares_others_and_the_exception(trial().await).await;
    destroying_by_value_reaches_sessions_that_are_renewed_meanwhile(trial().await).await;
    destroying_by_value_reaches_a_session_that_is_renewed_all_the_time(trial().await).await;
    destroying_by_value_ends_what_one_clock_believes_expired(trial().await).await;
    one_session_is_ended_by_its_handle_id(trial().await).await;
    one_session_of_a_value_is_ended_also_when_renewed_meanwhile(trial().await).await;
}

async fn first<S: Store>(trial: Trial<S>) -> Result<Vec<Record>, StoreError> {
    trial.store.find_by("user", &indexed("ada"), &[], trial.now).await
}

/// A value of an indexed field: what marks it as such, and a text.
pub(super) fn indexed(text: &str) -> Vec<u8> {
    let mut value = vec![0x41];
    value.extend_from_slice(text.as_bytes());
    value
}

async fn signed_in<S: Store>(trial: &Trial<S>, user: &str) -> (Token, HandleId) {
    let meta = trial.meta();
    let record = Record::new(&meta, [("name", PLAIN), ("user", &indexed(user))]);
    (trial.create(&record).await, meta.id)
}

pub(super) async fn found<S: Store>(trial: &Trial<S>, user: &str) -> Vec<HandleId> {
    let records = worked("find_by", trial.store.find_by("user", &indexed(user), &[], trial.now).await);
    let mut ids: Vec<_> = records.iter().map(|record| record.meta().id).collect();
    ids.sort_unstable();
    ids
}

fn sorted<const N: usize>(mut ids: [HandleId; N]) -> Vec<HandleId> {
    ids.sort_unstable();
    ids.to_vec()
}

async fn sessions_are_found_by_an_indexed_value<S: Store>(trial: Trial<S>) {
    let promise = Promise("sessions are found by exactly the value of an indexed field");
    for value in VALUES {
        let (_, one) = signed_in(&trial, value).await;
        let (_, two) = signed_in(&trial, value).await;
        promise.equal(found(&trial, value).await, sorted([one, two]));
    }
    promise.equal(found(&trial, "ad").await, vec![]);
    let other_name = trial.store.find_by("name", &indexed("ada"), &[], trial.now).await;
    promise.equal(worked("find_by", other_name).len(), 0);
}

async fn the_fields_that_are_asked_for_come_along<S: Store>(trial: Trial<S>) {
    let promise = Promise("what is found has its meta, the value, and the fields that were asked for");
    let (meta, value) = (trial.meta(), indexed("ada"));
    let fields = [("name", PLAIN), ("theme", PLAIN), ("user", value.as_slice())];
    trial.create(&Record::new(&meta, fields)).await;
    for wanted in [&["name", "absent"] as &[&str], &["user", "name", "name"], &[]] {
        let found = worked("find_by", trial.store.find_by("user", &value, wanted, trial.now).await);
        promise.equal(found.len(), 1);
        promise.equal((found[0].meta(), found[0].get("user")), (meta, Some(value.as_slice())));
        promise.equal(found[0].get("absent"), None);
        promise.holds(!wanted.contains(&"name") || found[0].get("name") == Some(PLAIN), wanted);
    }
}

async fn what_is_not_indexed_is_not_found<S: Store>(trial: Trial<S>) {
    signed_in(&trial, "ada").await;
    let records = worked("find_by", trial.store.find_by("name", PLAIN, &[], trial.now).await);
    Promise("a field that is not marked as indexed finds nothing").equal(records.len(), 0);
}

async fn the_index_follows_every_change<S: Store>(trial: Trial<S>) {
    let promise = Promise("the index follows updates, removals, renewals and the end of a session");
    let (token, id) = signed_in(&trial, "ada").await;
    let to_bob = Patch::new().set("user", indexed("bob"));
    let token = follow(&token, trial.update(&token, &to_bob).await);
    promise.equal((found(&trial, "ada").await, found(&trial, "bob").await), (vec![], vec![id]));

    let to_eve = Patch::new().set("user", indexed("eve"));
    let token = follow(&token, trial.renew(&token, &to_eve).await);
    promise.equal((found(&trial, "bob").await, found(&trial, "eve").await), (vec![], vec![id]));

    let token = follow(&token, trial.update(&token, &Patch::new().remove("user")).await);
    promise.equal(found(&trial, "eve").await, vec![]);

    let token = follow(&token, trial.update(&token, &to_bob).await);
    let token = follow(&token, trial.update(&token, &Patch::new().keep_only(["name"])).await);
    promise.equal(found(&trial, "bob").await, vec![]);

    let token = follow(&token, trial.update(&token, &to_eve).await);
    promise.equal(found(&trial, "eve").await, vec![id]);
    trial.destroy(&token).await;
    promise.equal(found(&trial, "eve").await, vec![]);
}

async fn expired_sessions_are_not_found<S: Store>(trial: Trial<S>) {
    let (token, id) = signed_in(&trial, "ada").await;
    let deadline = trial.live(&token).await.meta().deadline();
    let promise = Promise("an expired session is not found by its value");
    promise.equal(found(&trial, "ada").await, vec![id]);
    let later = worked("find_by", trial.store.find_by("user", &indexed("ada"), &[], deadline).await);
    promise.equal(later.len(), 0);
}

async fn destroying_by_value_spares_others_and_the_exception<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("destroying by value ends all sessions of the value but the excepted one, and counts them");
    let (one, _) = signed_in(&trial, "ada").await;
    let (two, _) = signed_in(&trial, "ada").await;
    let (kept, kept_id) = signed_in(&trial, "ada").await;
    let (other, _) = signed_in(&trial, "bob").await;
    let value = indexed("ada");
    let destroyed = trial.store.destroy_by("user", &value, Some(kept_id), trial.now).await;
    promise.equal(worked("destroy_by", destroyed), 2);
    promise.equal((trial.load(&one).await, trial.load(&two).await), (None, None));
    promise.holds(trial.load(&kept).await.is_some(), "the excepted session");
    promise.holds(trial.load(&other).await.is_some(), "the session of another value");
    let destroyed = trial.store.destroy_by("user", &value, None, trial.now).await;
    promise.equal(worked("destroy_by", destroyed), 1);
    let destroyed = trial.store.destroy_by("user", &value, None, trial.now).await;
    promise.equal(worked("destroy_by", destroyed), 0);
}

async fn destroying_by_value_reaches_sessions_that_are_renewed_meanwhile<S: Store>(trial: Trial<S>) {
    let promise = Promise("destroying by value also ends sessions that are renewed meanwhile");
    for _ in 0..20 {
        let (token, _) = signed_in(&trial, "ada").await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(2, move |job, store| {
            let token = of_jobs.clone();
            async move {
                if job == 0 {
                    worked("destroy_by", store.destroy_by("user", &indexed("ada"), None, now).await);
                    return;
                }
                drop(worked("renew", store.renew(&token, &Patch::new(), now).await));
            }
        });
        jobs.await;
        let left = found(&trial, "ada").await;
        promise.equal(left, vec![]);
    }
}

async fn destroying_by_value_reaches_a_session_that_is_renewed_all_the_time<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("who holds the value when it is destroyed by value does not after, however often renewed");
    for _ in 0..5 {
        let (token, _) = signed_in(&trial, "ada").await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(2, move |job, store| {
            let mut token = of_jobs.clone();
            async move {
                if job == 0 {
                    let ended = store.destroy_by("user", &indexed("ada"), None, now).await;
                    return worked("destroy_by", ended);
                }
                for _ in 0..10_000 {
                    match worked("renew", store.renew(&token, &Patch::new(), now).await) {
                        WriteOutcome::Gone => return 1,
                        written => token = follow(&token, written),
                    }
                }
                0
            }
        });
        promise.equal(jobs.await, vec![1, 1]);
        promise.equal(found(&trial, "ada").await, vec![]);
    }
}

async fn destroying_by_value_ends_what_one_clock_believes_expired<S: Store>(trial: Trial<S>) {
    let promise = Promise("what has expired for who destroys it is not there for others either");
    let (token, _) = signed_in(&trial, "ada").await;
    let deadline = trial.live(&token).await.meta().deadline();
    let ended = trial.store.destroy_by("user", &indexed("ada"), None, deadline).await;
    Promise("what has expired is not counted").equal(worked("destroy_by", ended), 0);
    promise.equal(trial.load(&token).await, None);

    let (_, id) = signed_in(&trial, "ada").await;
    let value = indexed("ada");
    for whose in [Some(("user", value.as_slice())), None] {
        if let Some(ended) = offered("destroy_by_id", trial.store.destroy_by_id(id, whose, deadline).await) {
            Promise("an expired session cannot be ended any more").equal(ended, false);
        }
    }
}

async fn one_session_is_ended_by_its_handle_id<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("destroying by handle id ends that session alone, and with a value only one that holds it");
    let (one, one_id) = signed_in(&trial, "ada").await;
    let (two, two_id) = signed_in(&trial, "ada").await;
    let (other, other_id) = signed_in(&trial, "bob").await;
    let value = indexed("ada");
    let hers = Some(("user", value.as_slice()));
    let destroy = async |id, whose, now| trial.store.destroy_by_id(id, whose, now).await;
    let Some(destroyed) = offered("destroy_by_id", destroy(one_id, hers, trial.now).await) else { return };
    promise.equal((destroyed, trial.load(&one).await), (true, None));
    for (id, whose) in [(one_id, hers), (one_id, None), (other_id, hers), (two_id, Some(("name", PLAIN)))] {
        promise.equal(worked("destroy_by_id", destroy(id, whose, trial.now).await), false);
    }
    promise.holds(
        trial.load(&two).await.is_some() && trial.load(&other).await.is_some(),
        "another session is gone",
    );
    promise.equal(worked("destroy_by_id", destroy(other_id, None, trial.now).await), true);
    promise.equal((trial.load(&other).await, found(&trial, "bob").await), (None, vec![]));
    promise.equal(found(&trial, "ada").await, vec![two_id]);
}

async fn one_session_of_a_value_is_ended_also_when_renewed_meanwhile<S: Store>(trial: Trial<S>) {
    let promise = Promise("destroying by handle id and value also ends a session that is renewed meanwhile");
    for _ in 0..20 {
        let (token, id) = signed_in(&trial, "ada").await;
        let (of_jobs, now) = (token.clone(), trial.now);
        let jobs = trial.at_once(2, move |job, store| {
            let token = of_jobs.clone();
            async move {
                if job == 0 {
                    let value = indexed("ada");
                    let destroyed = store.destroy_by_id(id, Some(("user", &value)), now).await;
                    return offered("destroy_by_id", destroyed);
                }
                drop(worked("renew", store.renew(&token, &Patch::new(), now).await));
                None
            }
        });
        match jobs.await.swap_remove(0) {
            Some(destroyed) => promise.equal((destroyed, found(&trial, "ada").await), (true, vec![])),
            None => return,
        }
    }
}
