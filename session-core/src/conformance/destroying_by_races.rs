//! `destroy_by` and `destroy_by_id` of sessions that are written at the same time.

use super::extend::Extend;
use super::fixture::{Fixture, expect_ok, if_supported, token_after};
use super::indexing::{found, indexed, lookups, signed_in, sorted};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{HandleId, Patch, Store, WriteOutcome};

/// The number of times that a race is repeated, since not every attempt overlaps.
const ROUNDS: usize = 48;

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        suite;
        "of several concurrent calls of `destroy_by` one returns a destroyed session"
            => of_concurrent_calls_one_returns_a_destroyed_session,
        "`destroy_by` also destroys sessions that are concurrently renewed"
            => destroying_by_value_includes_sessions_that_are_concurrently_written,
        "no session that holds the value at the time of `destroy_by` holds it afterwards, however often it is renewed"
            => destroying_by_value_includes_a_session_that_is_renewed_repeatedly,
        "`destroy_by_id` with `holding` also destroys a session that is concurrently renewed"
            => destroying_by_handle_id_includes_a_session_that_is_concurrently_renewed,
        "after concurrent writes a session is found by what it holds"
            => a_session_is_found_by_what_it_holds,
    }
}

/// Returns the user of a round, so that rounds do not meet.
fn user(round: usize) -> String {
    format!("user {round}")
}

async fn of_concurrent_calls_one_returns_a_destroyed_session<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let ids = [signed_in(&fixture, &user(round)).await.1, signed_in(&fixture, &user(round)).await.1];
        rounds.push((round, ids));
    }
    let now = fixture.now;
    let destroyed = fixture.race(3, rounds.clone(), move |_, (round, _), store| async move {
        expect_ok("destroy_by", store.destroy_by("user", &indexed(&user(round)), None, now).await)
    });
    for ((_, ids), returned) in rounds.into_iter().zip(destroyed.await) {
        let mut returned = returned.concat();
        returned.sort_unstable();
        requirement.equal(returned, sorted(ids));
    }
}

async fn destroying_by_value_includes_sessions_that_are_concurrently_written<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let (now, meta) = (fixture.now, fixture.meta());
    for extend in Extend::ALL {
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            rounds.push((round, signed_in(&fixture, &user(round)).await));
        }
        let destroyed =
            fixture.race(2, rounds.clone(), move |thread, (round, (token, _)), store| async move {
                if thread == 0 {
                    let value = indexed(&user(round));
                    return expect_ok("destroy_by", store.destroy_by("user", &value, None, now).await);
                }
                let _ = expect_ok("extend the idle deadline", extend.run(&*store, &token, meta, now).await);
                Vec::new()
            });
        for ((round, (_, id)), destroyed) in rounds.into_iter().zip(destroyed.await) {
            requirement.equal(destroyed.concat(), vec![id]);
            requirement.equal(found(&fixture, &user(round)).await, vec![]);
        }
        requirement.equal(fixture.count().await.unwrap_or(0), 0);
    }
}

async fn destroying_by_value_includes_a_session_that_is_renewed_repeatedly<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    for _ in 0..5 {
        let (token, _) = signed_in(&fixture, "ada").await;
        let now = fixture.now;
        let ended = fixture.race(2, vec![token], move |thread, mut token, store| async move {
            if thread == 0 {
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
        });
        requirement.equal(ended.await, vec![vec![1, 1]]);
        requirement.equal(found(&fixture, "ada").await, vec![]);
    }
}

async fn destroying_by_handle_id_includes_a_session_that_is_concurrently_renewed<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let nobody = HandleId::from([7; 16]);
    if_supported("destroy_by_id", fixture.store.destroy_by_id(nobody, None, fixture.now).await)?;
    let mut sessions = Vec::new();
    for _ in 0..ROUNDS {
        sessions.push(signed_in(&fixture, "ada").await);
    }
    let now = fixture.now;
    let destroyed = fixture.race(2, sessions.clone(), move |thread, (token, id), store| async move {
        if thread == 0 {
            let value = indexed("ada");
            let destroyed = store.destroy_by_id(id, Some(("user", &value)), now).await;
            return Some(expect_ok("destroy_by_id", destroyed));
        }
        let _ = expect_ok("renew", store.renew(&token, &Patch::new(), now).await);
        None
    });
    for destroyed in destroyed.await {
        requirement.equal(destroyed[0], Some(true));
    }
    requirement.equal(found(&fixture, "ada").await, vec![]);
    Ok(())
}

async fn a_session_is_found_by_what_it_holds<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let mut sessions = Vec::new();
    for _ in 0..ROUNDS {
        sessions.push(signed_in(&fixture, "ada").await);
    }
    let now = fixture.now;
    let raced = fixture.race(2, sessions.clone(), move |thread, (token, _), store| async move {
        if thread == 0 {
            let patch = Patch::new().set("user", indexed("bob"));
            return expect_ok("update", store.update(&token, &patch, now).await);
        }
        let patch = Patch::new().set("user", indexed("eve"));
        expect_ok("renew", store.renew(&token, &patch, now).await)
    });
    let mut holders = [Vec::new(), Vec::new(), Vec::new()];
    for ((token, id), written) in sessions.iter().zip(raced.await) {
        let record = fixture.load_live(&token_after(token, written[1].clone())).await;
        let users = ["ada", "bob", "eve"].map(|user| Some(&*indexed(user)) == record.get("user"));
        users.into_iter().zip(&mut holders).filter(|(holds, _)| *holds).for_each(|(_, ids)| ids.push(*id));
    }
    for (user, mut ids) in ["ada", "bob", "eve"].into_iter().zip(holders) {
        ids.sort_unstable();
        requirement.equal(found(&fixture, user).await, ids);
    }
}
