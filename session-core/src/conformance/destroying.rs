//! `destroy`: it is final, and affects one session only.

use super::Requirement;
use super::fixture::{self, Fixture};
use crate::{Refusal, Store, WriteOutcome};

pub(super) async fn run<S: Store>(fixture: &impl AsyncFn() -> Fixture<S>) {
    a_destroyed_session_is_gone(fixture().await).await;
    other_sessions_stay_live(fixture().await).await;
    another_store_does_not_access_it(fixture().await, fixture().await).await;
}

async fn a_destroyed_session_is_gone<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement("`destroy` destroys the session");
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
    // Destroying an absent session must not fail.
    fixture.destroy(&token).await;
}

async fn other_sessions_stay_live<S: Store>(fixture: Fixture<S>) {
    let requirement = Requirement("`destroy` destroys one session only");
    let record = fixture.record();
    let (kept, destroyed) = (fixture.create(&record).await, fixture.create(&record).await);
    fixture.destroy(&destroyed).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&kept).await, &record);
    requirement.equal(fixture.count().await.unwrap_or(1), 1);
}

async fn another_store_does_not_access_it<S: Store>(fixture: Fixture<S>, other: Fixture<S>) {
    let requirement = Requirement("stores that share a database do not access each other's sessions");
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
