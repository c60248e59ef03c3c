//! `sweep`, if the store supports it.

use super::extend::Extend;
use super::fixture::{self, Fixture, MINUTE, expect_ok, if_supported, is_done, token_after};
use super::indexing::signed_in;
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{Meta, Record, Store, WriteOutcome};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`sweep` removes expired sessions and returns their number"
            => sweeping_removes_and_counts_expired_sessions,
        "`sweep` removes no session whose deadline was extended"
            => an_extended_session_is_not_swept,
    }
}

pub(super) async fn run_races<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a session that is concurrently extended is not swept"
            => a_session_that_is_extended_is_not_swept,
    }
}

async fn sweeping_removes_and_counts_expired_sessions<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let record = fixture.record();
    let live = fixture.create(&record).await;
    let mut expired = Vec::new();
    for _ in 0..5 {
        let meta = Meta { idle_deadline: fixture.now.after(MINUTE), ..fixture.meta() };
        expired.push(fixture.create(&Record::new(&meta, [])).await);
    }
    let at = fixture.now.after(MINUTE);
    let none = if_supported("sweep", fixture.store.sweep(fixture.now).await)?;
    requirement.equal(none, 0);
    requirement.equal(if_supported("sweep", fixture.store.sweep(at).await), Ok(5));
    requirement.equal(if_supported("sweep", fixture.store.sweep(at).await), Ok(0));
    for token in &expired {
        requirement.equal(fixture.load(token).await, None);
    }
    fixture::assert_same_record(
        &Requirement("`sweep` never removes a live session"),
        &fixture.load_live(&live).await,
        &record,
    );
    Ok(())
}

async fn an_extended_session_is_not_swept<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    for extend in Extend::ALL {
        let (token, id) = signed_in(&fixture, "ada").await;
        let meta = fixture.load_live(&token).await.meta();
        let written = extend.run(&*fixture.store, &token, meta, fixture.now).await;
        let token = token_after(&token, expect_ok("extend the idle deadline", written));
        let swept = if_supported("sweep", fixture.store.sweep(meta.deadline()).await)?;
        let left = fixture.load_at(&token, meta.deadline()).await.map(|record| record.meta().id);
        requirement.equal((swept, left), (0, Some(id)));
        fixture.destroy(&token).await;
    }
    Ok(())
}

async fn a_session_that_is_extended_is_not_swept<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    if_supported("sweep", fixture.store.sweep(fixture.now).await)?;
    let now = fixture.now;
    for extend in Extend::ALL {
        let mut sessions = Vec::new();
        for _ in 0..64 {
            let record = fixture.record();
            sessions.push((record.meta(), fixture.create(&record).await));
        }
        let deadline = sessions[0].0.deadline();
        let raced = fixture.race(2, sessions.clone(), move |thread, (meta, token), store| async move {
            if thread == 0 {
                expect_ok("sweep", store.sweep(deadline).await);
                return None;
            }
            Some(expect_ok("extend the idle deadline", extend.run(&*store, &token, meta, now).await))
        });
        for ((_, token), mut results) in sessions.into_iter().zip(raced.await) {
            let extended = results.remove(1).unwrap_or(WriteOutcome::Gone);
            let token = if let WriteOutcome::NewToken(fresh) = &extended { fresh } else { &token };
            let is_live = fixture.load_at(token, deadline).await.is_some();
            requirement.equal(is_live, is_done(&extended));
            fixture.destroy(token).await;
        }
    }
    Ok(())
}
