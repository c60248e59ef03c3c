//! The time of authentication: it is stored, replaced, and removed with the identity.

use super::fixture::{self, Fixture, MINUTE, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{HandleId, Meta, Patch, Record, Store, Timestamp};

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a write retains the time of authentication unless its patch replaces it"
            => it_is_retained,
        "a patch sets the time of authentication and nothing else"
            => a_patch_replaces_it,
        "another identity removes the time of authentication unless the patch sets one"
            => another_identity_removes_it,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "records in lists have the time of authentication"
            => lookups_return_it,
    }
}

/// Returns a record that somebody was authenticated in at this time, and that is found by `user`.
fn authenticated<S: Store>(fixture: &Fixture<S>, at: Timestamp) -> Record {
    let meta = Meta { authenticated_at: Some(at), ..fixture.meta() };
    Record::new(&meta, [("name", b"ada".as_slice()), ("user", &[0x4c, 7])])
}

async fn it_is_retained<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = authenticated(&fixture, fixture.now);
    let token = fixture.create(&record).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    let later = record.meta().idle_deadline.after(MINUTE);
    let token = token_after(&token, fixture.update(&token, &Patch::new().set("name", *b"eve")).await);
    let token = token_after(&token, fixture.touch(&token, later).await);
    let token = token_after(&token, fixture.renew(&token, &Patch::new()).await);
    let expected = Meta { idle_deadline: later, ..record.meta() };
    requirement.equal(fixture.load_live(&token).await.meta(), expected);
}

async fn a_patch_replaces_it<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let mut token = fixture.create(&record).await;
    for minutes in [1, 2] {
        let at = fixture.now.after(minutes * MINUTE);
        let patch = Patch::new().authenticate(at);
        let written = match minutes {
            1 => fixture.update(&token, &patch).await,
            _ => fixture.renew(&token, &patch).await,
        };
        token = token_after(&token, written);
        let expected = record.with_meta(Meta { authenticated_at: Some(at), ..record.meta() });
        fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &expected);
    }
}

async fn another_identity_removes_it<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = authenticated(&fixture, fixture.now);
    let token = fixture.create(&record).await;
    let at = fixture.now.after(MINUTE);
    let person = Patch::new().keep_only([""; 0]).identify(HandleId::from([0xee; 16]), fixture.now);
    let token = token_after(&token, fixture.renew(&token, &person.clone().authenticate(at)).await);
    requirement.equal(fixture.load_live(&token).await.meta().authenticated_at, Some(at));
    let nobody = person.identify(HandleId::from([0xdd; 16]), fixture.now);
    let token = token_after(&token, fixture.renew(&token, &nobody).await);
    requirement.equal(fixture.load_live(&token).await.meta().authenticated_at, None);
}

async fn lookups_return_it<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = authenticated(&fixture, fixture.now.after(MINUTE));
    fixture.create(&record).await;
    if let Ok(listed) = fixture.listed(fixture.now).await {
        requirement.equal(listed.iter().map(Record::meta).collect::<Vec<_>>(), vec![record.meta()]);
    }
    let found = fixture.store.find_by("user", &[0x4c, 7], &[], fixture.now).await;
    if let Ok(found) = fixture::if_supported("find_by", found) {
        requirement.equal(found.iter().map(Record::meta).collect::<Vec<_>>(), vec![record.meta()]);
    }
}
