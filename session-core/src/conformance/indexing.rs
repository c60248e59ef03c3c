//! `find_by`, `destroy_by` and `destroy_by_id`, if the store supports them.

use super::Requirement;
use super::fixture::{Fixture, expect_ok, if_supported, token_after};
use crate::{HandleId, Patch, Record, Store, StoreError, Timestamp, Token, WriteOutcome};

/// Values with key separators, patterns, hash tags and non-ASCII text, and a long one.
const VALUES: [&str; 4] = ["ada", "a:d*a{x}", "ад\u{1f980}a", LONG];
const LONG: &str =
    "a long value that goes on and on and on and on and on and on and on and on and on and on and on";

/// A value that is not marked as indexed.
const PLAIN: &[u8] = b"\x01x";

pub(super) async fn run<S: Store>(fixture: &impl AsyncFn() -> Fixture<S>) {
    if matches!(probe(fixture().await).await, Err(StoreError::Unsupported(_))) {
        return;
    }
    sessions_are_found_by_an_indexed_value(fixture().await).await;
    the_requested_fields_are_included(fixture().await).await;
    a_field_that_is_not_indexed_is_not_found(fixture().await).await;
    the_index_reflects_every_change(fixture().await).await;
    expired_sessions_are_not_found(fixture().await).await;
    destroying_by_value_spares_other_values_and_the_exception(fixture().await).await;
    of_concurrent_calls_one_returns_a_destroyed_session(fixture().await).await;
    destroying_by_value_includes_sessions_that_are_concurrently_renewed(fixture().await).await;
    destroying_by_value_includes_a_session_that_is_renewed_repeatedly(fixture().await).await;
    destroying_by_value_includes_sessions_that_have_expired_on_one_clock(fixture().await).await;
    a_session_is_destroyed_by_its_handle_id(fixture().await).await;
    destroying_by_handle_id_includes_a_session_that_is_concurrently_renewed(fixture().await).await;
}

async fn probe<S: Store>(fixture: Fixture<S>) -> Result<Vec<Record>, StoreError> {
    fixture.store.find_by("user", &indexed("ada"), &[], fixture.now).await
}

/// Returns the stored value of an indexed field with this text.
pub(super) fn indexed(text: &str) -> Vec<u8> {
    let mut value = vec![0x41];
    value.extend_from_slice(text.as_bytes());
    value
}

async fn signed_in<S: Store>(fixture: &Fixture<S>, user: &str) -> (Token, HandleId) {
    let meta = fixture.meta();
    let record = Record::new(&meta, [("name", PLAIN), ("user", &indexed(user))]);
    (fixture.create(&record).await, meta.id)
}

pub(super) async fn found<S: Store>(fixture: &Fixture<S>, user: &str) -> Vec<HandleId> {
    let records = expect_ok("find_by", fixture.store.find_by("user", &indexed(user), &[], fixture.now).await);
    let mut ids: Vec<_> = records.iter().map(|record| record.meta().id).collect();
    ids.sort_unstable();
    ids
}

pub(super) fn sorted<const N: usize>(mut ids: [HandleId; N]) -> Vec<HandleId> {
    ids.sort_unstable();
    ids.to_vec()
}

async fn sessions_are_found_by_an_indexed_value<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement("sessions are found by exactly the value of an indexed field");
    for value in VALUES {
        let (_, one) = signed_in(&fixture, value).await;
        let (_, two) = signed_in(&fixture, value).await;
        requirement.equal(found(&fixture, value).await, sorted([one, two]));
    }
    requirement.equal(found(&fixture, "ad").await, vec![]);
    let other_name = fixture.store.find_by("name", &indexed("ada"), &[], fixture.now).await;
    requirement.equal(expect_ok("find_by", other_name).len(), 0);
}

async fn the_requested_fields_are_included<S: Store>(fixture: Fixture<S>) {
    let requirement =
        Requirement("a record that is found has its metadata, the value and the requested fields");
    let (meta, value) = (fixture.meta(), indexed("ada"));
    let fields = [("name", PLAIN), ("theme", PLAIN), ("user", value.as_slice())];
    fixture.create(&Record::new(&meta, fields)).await;
    for wanted in [&["name", "absent"] as &[&str], &["user", "name", "name"], &[]] {
        let found = expect_ok("find_by", fixture.store.find_by("user", &value, wanted, fixture.now).await);
        requirement.equal(found.len(), 1);
        requirement.equal((found[0].meta(), found[0].get("user")), (meta, Some(value.as_slice())));
        requirement.equal(found[0].get("absent"), None);
        requirement.holds(!wanted.contains(&"name") || found[0].get("name") == Some(PLAIN), wanted);
    }
}

async fn a_field_that_is_not_indexed_is_not_found<S: Store>(fixture: Fixture<S>) {
    signed_in(&fixture, "ada").await;
    let records = expect_ok("find_by", fixture.store.find_by("name", PLAIN, &[], fixture.now).await);
    Requirement("a field that is not marked as indexed is not found").equal(records.len(), 0);
}

async fn the_index_reflects_every_change<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement("the index reflects updates, removals, renewals and the end of a session");
    let (token, id) = signed_in(&fixture, "ada").await;
    let to_bob = Patch::new().set("user", indexed("bob"));
    let token = token_after(&token, fixture.update(&token, &to_bob).await);
    requirement.equal((found(&fixture, "ada").await, found(&fixture, "bob").await), (vec![], vec![id]));

    let to_eve = Patch::new().set("user", indexed("eve"));
    let token = token_after(&token, fixture.renew(&token, &to_eve).await);
    requirement.equal((found(&fixture, "bob").await, found(&fixture, "eve").await), (vec![], vec![id]));

    let token = token_after(&token, fixture.update(&token, &Patch::new().remove("user")).await);
    requirement.equal(found(&fixture, "eve").await, vec![]);

    let token = token_after(&token, fixture.update(&token, &to_bob).await);
    let token = token_after(&token, fixture.update(&token, &Patch::new().keep_only(["name"])).await);
    requirement.equal(found(&fixture, "bob").await, vec![]);

    let token = token_after(&token, fixture.update(&token, &to_eve).await);
    requirement.equal(found(&fixture, "eve").await, vec![id]);
    fixture.destroy(&token).await;
    requirement.equal(found(&fixture, "eve").await, vec![]);
}

async fn expired_sessions_are_not_found<S: Store>(fixture: Fixture<S>) {
    let (token, id) = signed_in(&fixture, "ada").await;
    let deadline = fixture.load_live(&token).await.meta().deadline();
    let requirement = Requirement("an expired session is not found by its value");
    requirement.equal(found(&fixture, "ada").await, vec![id]);
    let later = expect_ok("find_by", fixture.store.find_by("user", &indexed("ada"), &[], deadline).await);
    requirement.equal(later.len(), 0);
}

async fn destroying_by_value_spares_other_values_and_the_exception<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement(
        "`destroy_by` destroys all sessions with the value except one, and returns their handle ids",
    );
    let (one, one_id) = signed_in(&fixture, "ada").await;
    let (two, two_id) = signed_in(&fixture, "ada").await;
    let (kept, kept_id) = signed_in(&fixture, "ada").await;
    let (other, _) = signed_in(&fixture, "bob").await;
    requirement.equal(destroyed(&fixture, Some(kept_id), fixture.now).await, sorted([one_id, two_id]));
    requirement.equal((fixture.load(&one).await, fixture.load(&two).await), (None, None));
    requirement.holds(fixture.load(&kept).await.is_some(), "the excepted session is gone");
    requirement.holds(fixture.load(&other).await.is_some(), "the session with another value is gone");
    requirement.equal(destroyed(&fixture, None, fixture.now).await, vec![kept_id]);
    requirement.equal(destroyed(&fixture, None, fixture.now).await, vec![]);
}

/// Destroys the sessions of `ada`, and returns the handle ids that the store returned, sorted.
async fn destroyed<S: Store>(
    fixture: &Fixture<S>,
    except: Option<HandleId>,
    now: Timestamp,
) -> Vec<HandleId> {
    let destroyed = fixture.store.destroy_by("user", &indexed("ada"), except, now).await;
    let mut ids = expect_ok("destroy_by", destroyed);
    ids.sort_unstable();
    ids
}

async fn of_concurrent_calls_one_returns_a_destroyed_session<S: Store>(fixture: Fixture<S>) {
    let requirement =
        Requirement("of several concurrent calls of `destroy_by` one returns a destroyed session");
    for _ in 0..10 {
        let ids = [signed_in(&fixture, "ada").await.1, signed_in(&fixture, "ada").await.1];
        let now = fixture.now;
        let jobs = fixture.run_concurrently(3, move |_, store| async move {
            expect_ok("destroy_by", store.destroy_by("user", &indexed("ada"), None, now).await)
        });
        let mut returned = jobs.await.concat();
        returned.sort_unstable();
        requirement.equal(returned, sorted(ids));
    }
}

async fn destroying_by_value_includes_sessions_that_are_concurrently_renewed<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement("`destroy_by` also destroys sessions that are concurrently renewed");
    for _ in 0..20 {
        let (token, _) = signed_in(&fixture, "ada").await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(2, move |job, store| {
            let token = shared_token.clone();
            async move {
                if job == 0 {
                    expect_ok("destroy_by", store.destroy_by("user", &indexed("ada"), None, now).await);
                    return;
                }
                drop(expect_ok("renew", store.renew(&token, &Patch::new(), now).await));
            }
        });
        jobs.await;
        let left = found(&fixture, "ada").await;
        requirement.equal(left, vec![]);
    }
}

async fn destroying_by_value_includes_a_session_that_is_renewed_repeatedly<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement(
        "no session that holds the value at the time of `destroy_by` holds it afterwards, however often it is renewed",
    );
    for _ in 0..5 {
        let (token, _) = signed_in(&fixture, "ada").await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(2, move |job, store| {
            let mut token = shared_token.clone();
            async move {
                if job == 0 {
                    let ended = store.destroy_by("user", &indexed("ada"), None, now).await;
                    return expect_ok("destroy_by", ended).len();
                }
                for _ in 0..10_000 {
                    match expect_ok("renew", store.renew(&token, &Patch::new(), now).await) {
                        WriteOutcome::Gone => return 1,
                        written => token = token_after(&token, written),
                    }
                }
                0
            }
        });
        requirement.equal(jobs.await, vec![1, 1]);
        requirement.equal(found(&fixture, "ada").await, vec![]);
    }
}

async fn destroying_by_value_includes_sessions_that_have_expired_on_one_clock<S: Store>(fixture: Fixture<S>) {
    let requirement =
        Requirement("`destroy_by` also destroys sessions that have expired only on the clock of the caller");
    let (token, _) = signed_in(&fixture, "ada").await;
    let deadline = fixture.load_live(&token).await.meta().deadline();
    Requirement("`destroy_by` returns no expired sessions")
        .equal(destroyed(&fixture, None, deadline).await, vec![]);
    requirement.equal(fixture.load(&token).await, None);

    let (_, id) = signed_in(&fixture, "ada").await;
    let value = indexed("ada");
    for holding in [Some(("user", value.as_slice())), None] {
        if let Some(ended) =
            if_supported("destroy_by_id", fixture.store.destroy_by_id(id, holding, deadline).await)
        {
            Requirement("`destroy_by_id` finds no expired session").equal(ended, false);
        }
    }
}

async fn a_session_is_destroyed_by_its_handle_id<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement(
        "`destroy_by_id` destroys that session alone, and with `holding` only if it holds the value",
    );
    let (one, one_id) = signed_in(&fixture, "ada").await;
    let (two, two_id) = signed_in(&fixture, "ada").await;
    let (other, other_id) = signed_in(&fixture, "bob").await;
    let value = indexed("ada");
    let of_ada = Some(("user", value.as_slice()));
    let destroy = async |id, holding, now| fixture.store.destroy_by_id(id, holding, now).await;
    let Some(destroyed) = if_supported("destroy_by_id", destroy(one_id, of_ada, fixture.now).await) else {
        return;
    };
    requirement.equal((destroyed, fixture.load(&one).await), (true, None));
    for (id, holding) in
        [(one_id, of_ada), (one_id, None), (other_id, of_ada), (two_id, Some(("name", PLAIN)))]
    {
        requirement.equal(expect_ok("destroy_by_id", destroy(id, holding, fixture.now).await), false);
    }
    requirement.holds(
        fixture.load(&two).await.is_some() && fixture.load(&other).await.is_some(),
        "another session is gone",
    );
    requirement.equal(expect_ok("destroy_by_id", destroy(other_id, None, fixture.now).await), true);
    requirement.equal((fixture.load(&other).await, found(&fixture, "bob").await), (None, vec![]));
    requirement.equal(found(&fixture, "ada").await, vec![two_id]);
}

async fn destroying_by_handle_id_includes_a_session_that_is_concurrently_renewed<S: Store>(
    fixture: Fixture<S>,
) {
    let requirement =
        Requirement("`destroy_by_id` with `holding` also destroys a session that is concurrently renewed");
    for _ in 0..20 {
        let (token, id) = signed_in(&fixture, "ada").await;
        let (shared_token, now) = (token.clone(), fixture.now);
        let jobs = fixture.run_concurrently(2, move |job, store| {
            let token = shared_token.clone();
            async move {
                if job == 0 {
                    let value = indexed("ada");
                    let destroyed = store.destroy_by_id(id, Some(("user", &value)), now).await;
                    return if_supported("destroy_by_id", destroyed);
                }
                drop(expect_ok("renew", store.renew(&token, &Patch::new(), now).await));
                None
            }
        });
        match jobs.await.swap_remove(0) {
            Some(destroyed) => requirement.equal((destroyed, found(&fixture, "ada").await), (true, vec![])),
            None => return,
        }
    }
}
