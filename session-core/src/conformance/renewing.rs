//! `renew`: a new token for the same session, and the old one dead.

use super::Promise;
use super::trial::{self, Trial, add, counter, follow};
use crate::{Change, Deadlines, HandleId, Meta, Patch, Record, Store, Token, WriteOutcome};

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    the_session_moves_to_a_fresh_token(trial().await).await;
    its_patch_is_applied_with_it(trial().await).await;
    its_patch_may_give_the_session_another_identity(trial().await).await;
}

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    the_old_token_is_dead(trial().await).await;
    a_conflict_leaves_the_old_token_alive(trial().await).await;
    a_destroyed_session_is_not_renewed(trial().await).await;
    a_session_can_be_renewed_again_and_again(trial().await).await;
}

async fn renewed<S: Store>(trial: &Trial<S>, token: &Token, patch: &Patch) -> Token {
    match trial.renew(token, patch).await {
        WriteOutcome::NewToken(fresh) => fresh,
        other => {
            Promise("renewing a live session answers `NewToken`").holds(false, other);
            token.clone()
        }
    }
}

async fn the_session_moves_to_a_fresh_token<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let token = trial.create(&record).await;
    let fresh = renewed(&trial, &token, &Patch::new()).await;
    Promise("`renew` mints a fresh token").holds(fresh != token, "the same token");
    trial::equal(
        &Promise("handle id, creation, deadlines and fields stay when a session is renewed"),
        &trial.live(&fresh).await,
        &record,
    );
}

async fn its_patch_is_applied_with_it<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let token = trial.create(&record).await;
    let later = record.meta().idle_deadline.after(trial::MINUTE);
    let patch = Patch::new().keep_only(["theme"]).set("user", *b"7").with("visits", add(2)).touch(later);
    let fresh = renewed(&trial, &token, &patch).await;
    let promise = Promise("`renew` applies its patch");
    let seen = trial.live(&fresh).await;
    let fields = [("theme", b"dark".as_slice()), ("user", b"7"), ("visits", &*counter(2))];
    let expected = crate::Record::new(&crate::Meta { idle_deadline: later, ..record.meta() }, fields);
    trial::equal(&promise, &seen, &expected);
}

async fn its_patch_may_give_the_session_another_identity<S: Store>(trial: Trial<S>) {
    let promise = Promise(
        "`renew` drops what is not kept and gives the session the handle id and creation time of its patch, in one step",
    );
    let record = trial.record();
    let token = trial.create(&record).await;
    let id = HandleId::from([0xee; 16]);
    let limits = Deadlines {
        lifetime_deadline: record.meta().lifetime_deadline.after(trial::MINUTE),
        ..record.meta().into()
    };
    let kept = [0x81, 7];
    let token = follow(&token, trial.update(&token, &Patch::new().set("kept", kept)).await);
    let patch = Patch::new().keep_only(["theme"]).identify(id, trial.now).set_deadlines(limits);
    let fresh = renewed(&trial, &token, &patch).await;
    let meta =
        Meta { id, created_at: trial.now, lifetime_deadline: limits.lifetime_deadline, ..record.meta() };
    let expected = Record::new(&meta, [("theme", b"dark".as_slice()), ("kept", &kept)]);
    trial::equal(&promise, &trial.live(&fresh).await, &expected);
    let by_id = |id| trial.store.destroy_by_id(id, None, trial.now);
    if let Some(found) = trial::offered("destroy_by_id", by_id(record.meta().id).await) {
        let promise = Promise("a session is destroyed under its new handle id alone");
        promise.equal(found, false);
        promise.equal(by_id(id).await.ok(), Some(true));
        promise.equal(trial.load(&fresh).await, None);
    }
}

async fn the_old_token_is_dead<S: Store>(trial: Trial<S>) {
    let promise = Promise("the old token is dead after `renew`");
    let token = trial.create(&trial.record()).await;
    let fresh = renewed(&trial, &token, &Patch::new()).await;
    promise.equal(trial.load(&token).await, None);
    promise.equal(
        trial.writes_at(&token, trial.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    trial.destroy(&token).await;
    Promise("destroying the old token does not end the renewed session")
        .holds(trial.load(&fresh).await.is_some(), "None");
    Promise("a renewed session is one session").equal(trial.count().await.unwrap_or(1), 1);
}

async fn a_conflict_leaves_the_old_token_alive<S: Store>(trial: Trial<S>) {
    let promise = Promise("a renewal that fails leaves the old token alive");
    let record = trial.record();
    let token = trial.create(&record).await;
    let swap = Change::CompareAndSet { expected: None, value: Some(b"eve".to_vec()) };
    let written = trial.renew(&token, &Patch::new().set("theme", *b"light").with("name", swap)).await;
    promise.equal(written, WriteOutcome::Conflict("name".to_owned()));
    trial::equal(&promise, &trial.live(&token).await, &record);
    promise.equal(trial.count().await.unwrap_or(1), 1);
}

async fn a_destroyed_session_is_not_renewed<S: Store>(trial: Trial<S>) {
    let promise = Promise("without a live record `renew` answers `Gone` and creates nothing");
    let token = trial.create(&trial.record()).await;
    trial.destroy(&token).await;
    promise.equal(trial.renew(&token, &Patch::new().set("name", *b"eve")).await, WriteOutcome::Gone);
    promise.equal(trial.load(&token).await, None);
    promise.equal(trial.count().await.unwrap_or(0), 0);
}

async fn a_session_can_be_renewed_again_and_again<S: Store>(trial: Trial<S>) {
    let promise = Promise("of the tokens a session had, only the last is alive");
    let record = trial.record();
    let mut tokens = vec![trial.create(&record).await];
    for round in 0..10_u8 {
        let fresh = renewed(&trial, &tokens[usize::from(round)], &Patch::new().set("round", [round])).await;
        tokens.push(fresh);
    }
    if let Some((last, old)) = tokens.split_last() {
        for token in old {
            promise.equal(trial.load(token).await, None);
        }
        let seen = trial.live(last).await;
        promise.equal(seen.meta(), record.meta());
        promise.equal(seen.get("round"), Some([9].as_slice()));
    }
}
