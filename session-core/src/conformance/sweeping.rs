//! `sweep`, if the store supports it.

use super::fixture::{self, Fixture, MINUTE, expect_ok, if_supported, is_done};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{Meta, Record, Store};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`sweep` removes expired sessions and returns their number"
            => sweeping_removes_and_counts_expired_sessions,
        "a session that was touched in time is not swept"
            => a_touched_session_is_not_swept,
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

async fn a_touched_session_is_not_swept<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    if_supported("sweep", fixture.store.sweep(fixture.now).await)?;
    for _ in 0..100 {
        let deadline = fixture.now.after(MINUTE);
        let meta = Meta { idle_deadline: deadline, ..fixture.meta() };
        let token = fixture.create(&Record::new(&meta, [])).await;
        let shared_token = token.clone();
        let now = fixture.now;
        let jobs = fixture.run_concurrently(2, move |job, store| {
            let token = shared_token.clone();
            async move {
                if job == 0 {
                    return if_supported("sweep", store.sweep(deadline).await).is_ok();
                }
                is_done(&expect_ok("touch", store.touch(&token, deadline.after(MINUTE), now).await))
            }
        });
        let done = jobs.await;
        requirement.equal(fixture.load_at(&token, deadline).await.is_some(), done[1]);
        fixture.destroy(&token).await;
    }
    Ok(())
}
