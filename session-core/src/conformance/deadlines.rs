//! Deadlines: their exactness, their extension by `touch`, and their replacement.

use std::time::Duration;

use super::fixture::{self, Fixture, MINUTE, is_done, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{Deadlines, Meta, Patch, Record, Store, Timestamp, Token, WriteOutcome};

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a session is live until its idle deadline and no longer"
            => the_idle_deadline_is_exact,
        "a session is live until its lifetime deadline and no longer"
            => the_lifetime_deadline_is_exact,
        "`Timestamp::NEVER` is never reached"
            => a_session_without_deadlines_does_not_expire,
        "a session can be written until its deadline"
            => a_session_can_be_written_until_its_deadline,
        "`touch` extends the idle deadline and changes nothing else"
            => a_touch_extends_the_idle_deadline,
        "a deadline earlier than that of the record changes nothing and is not an error"
            => a_touch_never_shortens_the_idle_deadline,
        "`touch` does not extend the lifetime"
            => a_touch_does_not_extend_the_lifetime,
        "a patch extends the idle deadline and never shortens it"
            => a_patch_extends_the_idle_deadline,
        "new deadlines replace the old ones, even if they are earlier"
            => new_deadlines_replace_the_old_ones,
        "every part of the metadata is kept, whatever is written"
            => metadata_is_kept,
    }
}

/// Asserts that the session is live until `deadline` and no longer.
async fn ends_at<S: Store>(fixture: &Fixture<S>, token: &Token, deadline: Timestamp) {
    let just_before = Timestamp::from_millis(deadline.as_millis() - 1);
    Requirement("a session is live while `now` is before its deadline")
        .holds(fixture.load_at(token, just_before).await.is_some(), "None one millisecond before");
    let requirement = Requirement("from its deadline on a session is treated as if it had never existed");
    for now in [deadline, deadline.after(Duration::from_millis(1)), deadline.after(60 * MINUTE)] {
        requirement.equal(fixture.load_at(token, now).await, None);
        requirement.equal(
            fixture.write_outcomes_at(token, now).await,
            [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
        );
    }
}

async fn the_idle_deadline_is_exact<S: Store>(fixture: Fixture<S>, _: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    ends_at(&fixture, &token, record.meta().idle_deadline).await;
}

async fn the_lifetime_deadline_is_exact<S: Store>(fixture: Fixture<S>, _: Requirement) {
    let lifetime_deadline = fixture.now.after(10 * MINUTE);
    let record = Record::new(&Meta { lifetime_deadline, ..fixture.meta() }, []);
    let token = fixture.create(&record).await;
    ends_at(&fixture, &token, lifetime_deadline).await;
}

async fn a_session_without_deadlines_does_not_expire<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let idle = Meta { idle_deadline: Timestamp::NEVER, idle_timeout: Duration::MAX, ..fixture.meta() };
    let token = fixture.create(&Record::new(&idle, [])).await;
    ends_at(&fixture, &token, idle.lifetime_deadline).await;

    let forever = fixture.another(&Record::new(&Meta { lifetime_deadline: Timestamp::NEVER, ..idle }, []));
    let token = fixture.create(&forever).await;
    let loaded = fixture.load_at(&token, fixture.now.after(Duration::from_secs(10 * 365 * 86_400))).await;
    requirement.equal(loaded.map(|record| record.meta()), Some(forever.meta()));
}

async fn a_session_can_be_written_until_its_deadline<S: Store>(fixture: Fixture<S>, _: Requirement) {
    let record = fixture.record();
    let deadline = record.meta().deadline();
    let just_before = Timestamp::from_millis(deadline.as_millis() - 1);
    let token = fixture.create(&record).await;
    let patch = Patch::new().set("name", *b"eve");
    let written = fixture::expect_ok("update", fixture.store.update(&token, &patch, just_before).await);
    let token = token_after(&token, written);
    let written =
        fixture::expect_ok("touch", fixture.store.touch(&token, deadline.after(MINUTE), just_before).await);
    let token = token_after(&token, written);
    ends_at(&fixture, &token, deadline.after(MINUTE)).await;
}

async fn a_touch_extends_the_idle_deadline<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let later = record.meta().idle_deadline.after(5 * MINUTE);
    let token = fixture.create(&record).await;
    let token = token_after(&token, fixture.touch(&token, later).await);
    fixture::assert_same_record(
        &requirement,
        &fixture.load_live(&token).await,
        &record.with_idle_deadline(later),
    );
    ends_at(&fixture, &token, later).await;
}

async fn a_touch_never_shortens_the_idle_deadline<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let written = fixture.touch(&token, fixture.now.after(MINUTE)).await;
    requirement.holds(is_done(&written), &written);
    let token = token_after(&token, written);
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    ends_at(&fixture, &token, record.meta().idle_deadline).await;
}

async fn a_touch_does_not_extend_the_lifetime<S: Store>(fixture: Fixture<S>, _: Requirement) {
    let record = fixture.record();
    let lifetime = record.meta().lifetime_deadline;
    let token = fixture.create(&record).await;
    let token = token_after(&token, fixture.touch(&token, lifetime.after(60 * MINUTE)).await);
    ends_at(&fixture, &token, lifetime).await;
}

async fn a_patch_extends_the_idle_deadline<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let idle_deadline = record.meta().idle_deadline;
    let earlier = Patch::new().set("a", *b"1").touch(fixture.now.after(MINUTE));
    let (token, patched) = fixture.create_and_update(&record, &earlier).await;
    requirement.equal(patched.meta(), record.meta());
    let later = idle_deadline.after(5 * MINUTE);
    let token = token_after(&token, fixture.update(&token, &Patch::new().touch(later)).await);
    requirement.equal(fixture.load_live(&token).await.meta().idle_deadline, later);
    ends_at(&fixture, &token, later).await;
}

async fn new_deadlines_replace_the_old_ones<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for minutes in [5, 50] {
        let record = fixture.record();
        let deadlines = Deadlines {
            idle_timeout: minutes * MINUTE,
            idle_deadline: fixture.now.after(minutes * MINUTE),
            lifetime_deadline: fixture.now.after(2 * minutes * MINUTE),
            remember: true,
        };
        let patch = Patch::new().set_deadlines(deadlines);
        let (token, patched) = fixture.create_and_update(&record, &patch).await;
        requirement.equal(patched.meta(), patch.meta(record.meta()));
        ends_at(&fixture, &token, deadlines.idle_deadline).await;
    }
}

async fn metadata_is_kept<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let whole = Meta { authenticated_at: Some(fixture.now), remember: true, ..fixture.meta() };
    let endless = Meta {
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        ..fixture.meta()
    };
    for meta in [whole, endless] {
        let record = Record::new(&meta, [("name", b"ada".as_slice())]);
        let token = fixture.create(&record).await;
        fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
        let patch = Patch::new().set("theme", *b"dark");
        let token = fixture::token_after(&token, fixture.update(&token, &patch).await);
        let token = fixture::token_after(&token, fixture.renew(&token, &Patch::new()).await);
        requirement.equal(fixture.load_live(&token).await.meta(), meta);
    }
}
