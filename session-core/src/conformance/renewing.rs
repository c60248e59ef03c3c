//! `renew`: it moves a session to a new token and invalidates the old one.

use super::fixture::{self, Fixture, add, counter, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{Change, Deadlines, HandleId, Meta, Patch, Record, Store, Token, WriteOutcome};

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`renew` generates a new token"
            => the_session_moves_to_a_new_token,
        "`renew` applies its patch"
            => the_patch_is_applied,
        "`renew` drops fields and replaces handle id and creation time, atomically"
            => the_patch_may_replace_the_identity,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "the old token is invalid after `renew`"
            => the_old_token_is_invalid,
        "after a failed renewal the old token is still valid"
            => a_conflict_leaves_the_old_token_valid,
        "without a live record `renew` returns `Gone` and creates nothing"
            => a_destroyed_session_is_not_renewed,
        "of all tokens of a session only the last is valid"
            => a_session_can_be_renewed_repeatedly,
    }
}

async fn renewed<S: Store>(fixture: &Fixture<S>, token: &Token, patch: &Patch) -> Token {
    match fixture.renew(token, patch).await {
        WriteOutcome::NewToken(fresh) => fresh,
        other => {
            Requirement("`renew` of a live session returns `NewToken`").holds(false, other);
            token.clone()
        }
    }
}

async fn the_session_moves_to_a_new_token<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let fresh = renewed(&fixture, &token, &Patch::new()).await;
    requirement.holds(fresh != token, "the same token");
    fixture::assert_same_record(
        &Requirement("`renew` retains handle id, creation time, deadlines and fields"),
        &fixture.load_live(&fresh).await,
        &record,
    );
}

async fn the_patch_is_applied<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let later = record.meta().idle_deadline.after(fixture::MINUTE);
    let patch = Patch::new().keep_only(["theme"]).set("user", *b"7").with("visits", add(2)).touch(later);
    let fresh = renewed(&fixture, &token, &patch).await;
    let seen = fixture.load_live(&fresh).await;
    let fields = [("theme", b"dark".as_slice()), ("user", b"7"), ("visits", &*counter(2))];
    let expected = Record::new(&Meta { idle_deadline: later, ..record.meta() }, fields);
    fixture::assert_same_record(&requirement, &seen, &expected);
}

async fn the_patch_may_replace_the_identity<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let id = HandleId::from([0xee; 16]);
    let deadlines = Deadlines {
        lifetime_deadline: record.meta().lifetime_deadline.after(fixture::MINUTE),
        ..record.meta().into()
    };
    let kept = [0x81, 7];
    let token = token_after(&token, fixture.update(&token, &Patch::new().set("kept", kept)).await);
    let patch = Patch::new().keep_only(["theme"]).identify(id, fixture.now).set_deadlines(deadlines);
    let fresh = renewed(&fixture, &token, &patch).await;
    let meta =
        Meta { id, created_at: fixture.now, lifetime_deadline: deadlines.lifetime_deadline, ..record.meta() };
    let expected = Record::new(&meta, [("theme", b"dark".as_slice()), ("kept", &kept)]);
    fixture::assert_same_record(&requirement, &fixture.load_live(&fresh).await, &expected);
    let by_id = |id| fixture.store.destroy_by_id(id, None, fixture.now);
    if let Ok(found) = fixture::if_supported("destroy_by_id", by_id(record.meta().id).await) {
        let requirement = Requirement("a session is known only under its new handle id");
        requirement.equal(found, false);
        requirement.equal(by_id(id).await.ok(), Some(true));
        requirement.equal(fixture.load(&fresh).await, None);
    }
}

async fn the_old_token_is_invalid<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let fresh = renewed(&fixture, &token, &Patch::new()).await;
    requirement.equal(fixture.load(&token).await, None);
    requirement.equal(
        fixture.write_outcomes_at(&token, fixture.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    fixture.destroy(&token).await;
    Requirement("destroying the old token does not affect the renewed session")
        .holds(fixture.load(&fresh).await.is_some(), "None");
    Requirement("a renewed session is one session").equal(fixture.count().await.unwrap_or(1), 1);
}

async fn a_conflict_leaves_the_old_token_valid<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let cas = Change::CompareAndSet { expected: None, value: Some(b"eve".to_vec()) };
    let written = fixture.renew(&token, &Patch::new().set("theme", *b"light").with("name", cas)).await;
    requirement.equal(written, WriteOutcome::Conflict("name".to_owned()));
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    requirement.equal(fixture.count().await.unwrap_or(1), 1);
}

async fn a_destroyed_session_is_not_renewed<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    fixture.destroy(&token).await;
    requirement.equal(fixture.renew(&token, &Patch::new().set("name", *b"eve")).await, WriteOutcome::Gone);
    requirement.equal(fixture.load(&token).await, None);
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
}

async fn a_session_can_be_renewed_repeatedly<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let mut tokens = vec![fixture.create(&record).await];
    for round in 0..10_u8 {
        let fresh = renewed(&fixture, &tokens[usize::from(round)], &Patch::new().set("round", [round])).await;
        tokens.push(fresh);
    }
    if let Some((last, old)) = tokens.split_last() {
        for token in old {
            requirement.equal(fixture.load(token).await, None);
        }
        let seen = fixture.load_live(last).await;
        requirement.equal(seen.meta(), record.meta());
        requirement.equal(seen.get("round"), Some([9].as_slice()));
    }
}
