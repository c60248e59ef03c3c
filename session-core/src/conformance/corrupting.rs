//! Records that cannot be read, if the harness can corrupt them.

use super::fixture::{self, Fixture, assert_hides_token, if_supported};
use super::indexing::{found, indexed, signed_in};
use super::{Checked, Harness, Requirement, Skipped, Suite, check};
use crate::{HandleId, Patch, Store, StoreError, Token};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let harness = suite.harness;
    check! {
        suite;
        "a record that cannot be read is an error, and neither `None` nor a panic"
            => async |fixture, requirement| a_corrupt_record_is_an_error(harness, fixture, requirement).await,
        "a record that cannot be read does not affect other sessions, and can be destroyed"
            => async |fixture, requirement| a_corrupt_record_can_be_destroyed(harness, fixture, requirement).await,
        "`destroy_by` also destroys sessions whose records cannot be read"
            => async |fixture, requirement| {
                destroying_by_value_includes_corrupt_records(harness, fixture, requirement).await
            },
    }
}

/// Creates a session of `ada` and corrupts its record.
async fn corrupted<H: Harness>(
    harness: &H,
    fixture: &Fixture<H::Store>,
) -> Result<(Token, HandleId), Skipped> {
    let (token, id) = signed_in(fixture, "ada").await;
    let is_corrupt = harness.corrupt(&fixture.store, &token).await;
    is_corrupt.then_some((token, id)).ok_or(Skipped("the harness does not corrupt records"))
}

async fn a_corrupt_record_is_an_error<H: Harness>(
    harness: &H,
    fixture: Fixture<H::Store>,
    requirement: Requirement,
) -> Checked {
    let (token, _) = corrupted(harness, &fixture).await?;
    let loaded = fixture.store.load(&token, fixture.now).await;
    requirement.holds(matches!(loaded, Err(StoreError::Corrupt(_))), &loaded);
    assert_hides_token(&token, &loaded);
    let patch = Patch::new().set("name", *b"eve");
    for written in [
        fixture.store.update(&token, &patch, fixture.now).await,
        fixture.store.renew(&token, &patch, fixture.now).await,
    ] {
        assert_hides_token(&token, &written);
    }
    Ok(())
}

async fn a_corrupt_record_can_be_destroyed<H: Harness>(
    harness: &H,
    fixture: Fixture<H::Store>,
    requirement: Requirement,
) -> Checked {
    let (token, _) = corrupted(harness, &fixture).await?;
    let record = fixture.record();
    let (other, (_, id)) = (fixture.create(&record).await, signed_in(&fixture, "ada").await);
    fixture::assert_same_record(&requirement, &fixture.load_live(&other).await, &record);
    if let Ok(listed) = fixture.listed(fixture.now).await {
        let found = listed.iter().filter(|listed| [record.meta().id, id].contains(&listed.meta().id));
        requirement.equal((found.count(), listed.len()), (2, 2));
    }
    if super::indexing::lookups(&fixture).await.is_ok() {
        requirement.equal(found(&fixture, "ada").await, vec![id]);
    }
    let _ = if_supported("sweep", fixture.store.sweep(fixture.now).await);
    fixture.destroy(&token).await;
    let loaded = fixture.store.load(&token, fixture.now).await;
    requirement.holds(matches!(loaded, Ok(None)), loaded);
    fixture::assert_same_record(&requirement, &fixture.load_live(&other).await, &record);

    let (token, _) = corrupted(harness, &fixture).await?;
    if if_supported("clear", fixture.store.clear().await).is_ok() {
        requirement.equal((fixture.load(&token).await, fixture.load(&other).await), (None, None));
    }
    Ok(())
}

async fn destroying_by_value_includes_corrupt_records<H: Harness>(
    harness: &H,
    fixture: Fixture<H::Store>,
    requirement: Requirement,
) -> Checked {
    super::indexing::lookups(&fixture).await?;
    let (token, _) = corrupted(harness, &fixture).await?;
    let (other, id) = signed_in(&fixture, "ada").await;
    let (bob, _) = signed_in(&fixture, "bob").await;
    let destroyed = fixture.store.destroy_by("user", &indexed("ada"), None, fixture.now).await;
    let destroyed = fixture::expect_ok("destroy_by", destroyed);
    requirement.holds(destroyed.contains(&id), &destroyed);
    let loaded = fixture.store.load(&token, fixture.now).await;
    requirement.holds(matches!(loaded, Ok(None)), loaded);
    requirement.equal(fixture.load(&other).await, None);
    requirement.holds(fixture.load(&bob).await.is_some(), "the session with another value is gone");
    Ok(())
}
