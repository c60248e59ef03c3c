//! Sessions are found by what they hold until their deadline, however it was moved.

use super::extend::Extend;
use super::fixture::{Fixture, MINUTE, expect_ok, token_after};
use super::indexing::{indexed, lookups, signed_in};
use super::limited_user::LimitedUser;
use super::limiting::session_limits;
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{Deadlines, Evict, HandleId, Meta, Patch, Record, Store, Timestamp, WriteOutcome};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        suite;
        "a session is found and destroyed by its value until its deadline, however that was extended"
            => an_extended_session_is_found_until_its_deadline,
        "a session whose deadline was moved forward is no longer found from then on"
            => a_shortened_session_is_not_found_after_its_deadline,
        "a session without deadlines is found by its value at any time"
            => a_session_without_deadlines_is_found,
        "a session counts for a limit until its deadline, however that was extended"
            => an_extended_session_counts_for_a_limit,
    }
}

async fn found_at<S: Store>(fixture: &Fixture<S>, now: Timestamp) -> Vec<HandleId> {
    let found = fixture.store.find_by("user", &indexed("ada"), &[], now).await;
    expect_ok("find_by", found).iter().map(|record| record.meta().id).collect()
}

async fn destroyed_at<S: Store>(fixture: &Fixture<S>, now: Timestamp) -> Vec<HandleId> {
    expect_ok("destroy_by", fixture.store.destroy_by("user", &indexed("ada"), None, now).await)
}

async fn an_extended_session_is_found_until_its_deadline<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    for extend in Extend::ALL {
        let (token, id) = signed_in(&fixture, "ada").await;
        let meta = fixture.load_live(&token).await.meta();
        let written = extend.run(&*fixture.store, &token, meta, fixture.now).await;
        let token = token_after(&token, expect_ok("extend the idle deadline", written));
        let deadline = fixture.load_live(&token).await.meta().deadline();
        for now in [meta.deadline(), Timestamp::from_millis(deadline.as_millis() - 1)] {
            requirement.equal(found_at(&fixture, now).await, vec![id]);
        }
        requirement.equal(found_at(&fixture, deadline).await, vec![]);
        requirement.equal(destroyed_at(&fixture, meta.deadline().after(MINUTE)).await, vec![id]);
        requirement.equal(fixture.load(&token).await, None);
    }
}

async fn a_shortened_session_is_not_found_after_its_deadline<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let (token, id) = signed_in(&fixture, "ada").await;
    let meta = fixture.load_live(&token).await.meta();
    let deadline = fixture.now.after(10 * MINUTE);
    let shorter = Patch::new().set_deadlines(Deadlines { idle_deadline: deadline, ..meta.into() });
    let _ = token_after(&token, fixture.update(&token, &shorter).await);
    let just_before = Timestamp::from_millis(deadline.as_millis() - 1);
    requirement.equal(found_at(&fixture, just_before).await, vec![id]);
    requirement.equal(found_at(&fixture, deadline).await, vec![]);
}

async fn a_session_without_deadlines_is_found<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let (idle_deadline, lifetime_deadline) = (Timestamp::NEVER, Timestamp::NEVER);
    let meta =
        Meta { idle_deadline, lifetime_deadline, idle_timeout: std::time::Duration::MAX, ..fixture.meta() };
    let token = fixture.create(&Record::new(&meta, [("user", indexed("ada").as_slice())])).await;
    let in_years = fixture.now.after(5 * 365 * 24 * 60 * MINUTE);
    requirement.equal(found_at(&fixture, fixture.now).await, vec![meta.id]);
    requirement.equal(found_at(&fixture, in_years).await, vec![meta.id]);
    requirement.equal(destroyed_at(&fixture, in_years).await, vec![meta.id]);
    requirement.equal(fixture.load(&token).await, None);
}

async fn an_extended_session_counts_for_a_limit<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    session_limits(&fixture)?;
    let ada = LimitedUser::new(1, Evict::Reject);
    for extend in Extend::ALL {
        let (token, id) = signed_in(&fixture, "ada").await;
        let meta = fixture.load_live(&token).await.meta();
        let written = extend.run(&*fixture.store, &token, meta, fixture.now).await;
        let _ = token_after(&token, expect_ok("extend the idle deadline", written));
        let now = meta.deadline().after(MINUTE);
        let another = ada.record(&Meta { idle_deadline: now.after(30 * MINUTE), ..fixture.meta() });
        let created =
            expect_ok("create_limited", fixture.store.create_limited(&another, ada.limit(), now).await);
        requirement.equal(created.result, None);

        let anonymous = fixture.create(&fixture.another(&Record::new(&another.meta(), []))).await;
        let renewed = fixture.store.renew_limited(&anonymous, &ada.sign_in(), ada.limit(), now).await;
        requirement.equal(expect_ok("renew_limited", renewed).result, WriteOutcome::LimitReached);
        requirement.equal(destroyed_at(&fixture, now).await, vec![id]);
    }
    Ok(())
}
