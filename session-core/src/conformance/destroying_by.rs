//! `destroy_by` and `destroy_by_id`, if the store supports them.

use super::fixture::{Fixture, expect_ok, if_supported, token_after};
use super::indexing::{PLAIN, found, indexed, lookups, signed_in, sorted};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{HandleId, Patch, Store, Timestamp};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        suite;
        "`destroy_by` destroys all sessions with the value except one, and returns their handle ids"
            => destroying_by_value_spares_other_values_and_the_exception,
        "`destroy_by` also destroys sessions that have expired only on the clock of the caller"
            => destroying_by_value_includes_sessions_that_have_expired_on_one_clock,
        "`destroy_by_id` destroys that session alone, and with `holding` only if it holds the value"
            => a_session_is_destroyed_by_its_handle_id,
        "a handle id that a session had before, or had until it ended, finds nothing"
            => a_former_handle_id_finds_nothing,
    }
}

async fn destroying_by_value_spares_other_values_and_the_exception<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
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

async fn destroying_by_value_includes_sessions_that_have_expired_on_one_clock<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let (token, _) = signed_in(&fixture, "ada").await;
    let deadline = fixture.load_live(&token).await.meta().deadline();
    Requirement("`destroy_by` returns no expired sessions")
        .equal(destroyed(&fixture, None, deadline).await, vec![]);
    requirement.equal(fixture.load(&token).await, None);

    let (_, id) = signed_in(&fixture, "ada").await;
    let value = indexed("ada");
    for holding in [Some(("user", value.as_slice())), None] {
        if let Ok(ended) =
            if_supported("destroy_by_id", fixture.store.destroy_by_id(id, holding, deadline).await)
        {
            Requirement("`destroy_by_id` finds no expired session").equal(ended, false);
        }
    }
}

async fn a_session_is_destroyed_by_its_handle_id<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let (one, one_id) = signed_in(&fixture, "ada").await;
    let (two, two_id) = signed_in(&fixture, "ada").await;
    let (other, other_id) = signed_in(&fixture, "bob").await;
    let value = indexed("ada");
    let of_ada = Some(("user", value.as_slice()));
    let destroy = async |id, holding, now| fixture.store.destroy_by_id(id, holding, now).await;
    let destroyed = if_supported("destroy_by_id", destroy(one_id, of_ada, fixture.now).await)?;
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
    Ok(())
}

async fn a_former_handle_id_finds_nothing<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let (store, now, value) = (&*fixture.store, fixture.now, indexed("ada"));
    let (token, former) = signed_in(&fixture, "ada").await;
    let id = fixture.meta().id;
    let token = token_after(&token, fixture.renew(&token, &Patch::new().identify(id, now)).await);
    requirement.equal(found(&fixture, "ada").await, vec![id]);
    if let Ok(listed) = fixture.listed(now).await {
        requirement.equal(listed.iter().map(|record| record.meta().id).collect(), vec![id]);
    }
    let destroyed = store.destroy_by("user", &indexed("bob"), Some(former), now).await;
    requirement.equal(expect_ok("destroy_by", destroyed), vec![]);
    for holding in [Some(("user", value.as_slice())), None] {
        let destroyed = if_supported("destroy_by_id", store.destroy_by_id(former, holding, now).await)?;
        requirement.equal(destroyed, false);
    }
    requirement.holds(fixture.load(&token).await.is_some(), "the session is gone");
    fixture.destroy(&token).await;
    for holding in [Some(("user", value.as_slice())), None] {
        requirement.equal(expect_ok("destroy_by_id", store.destroy_by_id(id, holding, now).await), false);
    }
    requirement.equal(found(&fixture, "ada").await, vec![]);
    Ok(())
}
