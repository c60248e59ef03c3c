//! `find_by`, if the store supports it.

use super::fixture::{Fixture, expect_ok, if_supported, token_after};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{HandleId, Patch, Record, Store, Token};

/// Values with key separators, patterns, hash tags and non-ASCII text, and a long one.
const VALUES: [&str; 4] = ["ada", "a:d*a{x}", "ад\u{1f980}a", LONG];
const LONG: &str =
    "a long value that goes on and on and on and on and on and on and on and on and on and on and on";

/// A value that is not marked as indexed.
pub(super) const PLAIN: &[u8] = b"\x01x";

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        suite;
        "sessions are found by exactly the value of an indexed field"
            => sessions_are_found_by_an_indexed_value,
        "a record that is found has its metadata, the value and the requested fields"
            => the_requested_fields_are_included,
        "a field that is not marked as indexed is not found"
            => a_field_that_is_not_indexed_is_not_found,
        "the index reflects updates, removals, renewals and the end of a session"
            => the_index_reflects_every_change,
        "an expired session is not found by its value"
            => expired_sessions_are_not_found,
    }
}

/// Whether the store supports lookups by value.
pub(super) async fn lookups<S: Store>(fixture: &Fixture<S>) -> Checked {
    if_supported("find_by", fixture.store.find_by("user", &indexed("ada"), &[], fixture.now).await).map(drop)
}

/// Returns the stored value of an indexed field with this text.
pub(super) fn indexed(text: &str) -> Vec<u8> {
    let mut value = vec![0x41];
    value.extend_from_slice(text.as_bytes());
    value
}

pub(super) async fn signed_in<S: Store>(fixture: &Fixture<S>, user: &str) -> (Token, HandleId) {
    let meta = fixture.meta();
    let record = Record::new(&meta, [("name", PLAIN), ("user", &indexed(user))]);
    (fixture.create(&record).await, meta.id)
}

pub(super) async fn found<S: Store>(fixture: &Fixture<S>, user: &str) -> Vec<HandleId> {
    let records = expect_ok("find_by", fixture.store.find_by("user", &indexed(user), &[], fixture.now).await);
    let mut ids: Vec<_> = records.iter().map(|record| record.meta().id).collect();
    ids.sort_unstable();
    ids
}

pub(super) fn sorted<const N: usize>(mut ids: [HandleId; N]) -> Vec<HandleId> {
    ids.sort_unstable();
    ids.to_vec()
}

async fn sessions_are_found_by_an_indexed_value<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for value in VALUES {
        let (_, one) = signed_in(&fixture, value).await;
        let (_, two) = signed_in(&fixture, value).await;
        requirement.equal(found(&fixture, value).await, sorted([one, two]));
    }
    requirement.equal(found(&fixture, "ad").await, vec![]);
    let other_name = fixture.store.find_by("name", &indexed("ada"), &[], fixture.now).await;
    requirement.equal(expect_ok("find_by", other_name).len(), 0);
}

async fn the_requested_fields_are_included<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let (meta, value) = (fixture.meta(), indexed("ada"));
    let fields = [("name", PLAIN), ("theme", PLAIN), ("user", value.as_slice())];
    fixture.create(&Record::new(&meta, fields)).await;
    for wanted in [&["name", "absent"] as &[&str], &["user", "name", "name"], &[]] {
        let found = expect_ok("find_by", fixture.store.find_by("user", &value, wanted, fixture.now).await);
        requirement.equal(found.len(), 1);
        requirement.equal((found[0].meta(), found[0].get("user")), (meta, Some(value.as_slice())));
        requirement.equal(found[0].get("absent"), None);
        requirement.holds(!wanted.contains(&"name") || found[0].get("name") == Some(PLAIN), wanted);
    }
}

async fn a_field_that_is_not_indexed_is_not_found<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    signed_in(&fixture, "ada").await;
    let records = expect_ok("find_by", fixture.store.find_by("name", PLAIN, &[], fixture.now).await);
    requirement.equal(records.len(), 0);
}

async fn the_index_reflects_every_change<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let (token, id) = signed_in(&fixture, "ada").await;
    let to_bob = Patch::new().set("user", indexed("bob"));
    let token = token_after(&token, fixture.update(&token, &to_bob).await);
    requirement.equal((found(&fixture, "ada").await, found(&fixture, "bob").await), (vec![], vec![id]));

    let to_eve = Patch::new().set("user", indexed("eve"));
    let token = token_after(&token, fixture.renew(&token, &to_eve).await);
    requirement.equal((found(&fixture, "bob").await, found(&fixture, "eve").await), (vec![], vec![id]));

    let token = token_after(&token, fixture.update(&token, &Patch::new().remove("user")).await);
    requirement.equal(found(&fixture, "eve").await, vec![]);

    let token = token_after(&token, fixture.update(&token, &to_bob).await);
    let token = token_after(&token, fixture.update(&token, &Patch::new().keep_only(["name"])).await);
    requirement.equal(found(&fixture, "bob").await, vec![]);

    let token = token_after(&token, fixture.update(&token, &to_eve).await);
    requirement.equal(found(&fixture, "eve").await, vec![id]);
    fixture.destroy(&token).await;
    requirement.equal(found(&fixture, "eve").await, vec![]);
}

async fn expired_sessions_are_not_found<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let (token, id) = signed_in(&fixture, "ada").await;
    let deadline = fixture.load_live(&token).await.meta().deadline();
    requirement.equal(found(&fixture, "ada").await, vec![id]);
    let later = expect_ok("find_by", fixture.store.find_by("user", &indexed("ada"), &[], deadline).await);
    requirement.equal(later.len(), 0);
}
