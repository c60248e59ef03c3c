//! `destroy`: it is final, and affects one session only.

use super::fixture::{self, Fixture};
use super::{Harness, Requirement, Suite, check};
use crate::{Refusal, Store, WriteOutcome};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`destroy` destroys the session"
            => a_destroyed_session_is_gone,
        "`destroy` destroys one session only"
            => other_sessions_stay_live,
        "stores that share a database do not access each other's sessions"
            => async |fixture, requirement| {
                another_store_does_not_access_it(fixture, suite.fixture().await, requirement).await;
            },
    }
}

async fn a_destroyed_session_is_gone<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    requirement.equal(fixture.destroy(&token).await, true);
    requirement.equal(fixture.load(&token).await, None);
    let refusal = fixture.refusal_at(&token, fixture.now).await;
    Requirement("the token of a destroyed session is revoked, or unknown")
        .holds(matches!(refusal, Refusal::Revoked | Refusal::Unknown), refusal);
    requirement.equal(
        fixture.write_outcomes_at(&token, fixture.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    requirement.equal(fixture.load(&token).await, None);
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
    Requirement("`destroy` returns whether it found the session").equal(fixture.destroy(&token).await, false);
}

async fn other_sessions_stay_live<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let (kept, destroyed) = (fixture.create(&record).await, fixture.create(&fixture.record()).await);
    fixture.destroy(&destroyed).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&kept).await, &record);
    requirement.equal(fixture.count().await.unwrap_or(1), 1);
}

async fn another_store_does_not_access_it<S: Store>(
    fixture: Fixture<S>,
    other: Fixture<S>,
    requirement: Requirement,
) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    requirement.equal(other.load(&token).await, None);
    requirement.equal(
        other.write_outcomes_at(&token, other.now).await,
        [WriteOutcome::Gone, WriteOutcome::Gone, WriteOutcome::Gone],
    );
    other.destroy(&token).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    requirement.equal(other.count().await.unwrap_or(0), 0);
}
