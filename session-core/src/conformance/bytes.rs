//! Names and values of any content and size, and tokens that never appear in results.

use super::fixture::{self, Fixture, assert_hides_token, field_texts, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{Patch, Record, Store, StoreError};

/// Names with a meaning to some server, language or protocol, and names that are equal to some of them.
const NAMES: [&str; 30] = [
    "",
    " ",
    "id",
    "ID",
    "id ",
    "cookie",
    "__proto__",
    "a:b",
    "*",
    "{tag}",
    "with space",
    "new\r\nline",
    "nul",
    "nul\0",
    "a\u{1f}b",
    "ключ",
    "КЛЮЧ",
    "🔑",
    "'; --",
    "\"quoted\"",
    "back\\slash",
    "`tick`",
    "%s",
    "%",
    "_",
    "..",
    // The same letter in two normalisation forms.
    "\u{e9}",
    "e\u{301}",
    "stra\u{df}e",
    "strasse",
];

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a value may be any bytes"
            => values_may_be_any_bytes,
        "a field may have any name"
            => names_may_be_any_text,
        "no error or log line contains a token"
            => no_result_shows_a_token,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "a value of one megabyte is loaded as it was written"
            => a_value_may_have_a_megabyte,
        "a session that is too large is not written"
            => a_session_that_is_too_large_is_not_written,
    }
}

async fn names_may_be_any_text<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let fields = NAMES.map(|name| (name, name.as_bytes()));
    let record = Record::new(&fixture.meta(), fields);
    let token = fixture.create(&record).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);

    let all = NAMES.iter().fold(Patch::new(), |patch, name| patch.set(*name, *b"new"));
    let record = fixture.another(&record);
    let (token, patched) = fixture.create_and_update(&record, &all).await;
    let expected = Record::new(&record.meta(), NAMES.map(|name| (name, b"new".as_slice())));
    fixture::assert_same_record(&requirement, &patched, &expected);

    let none = NAMES.iter().fold(Patch::new(), |patch, name| patch.remove(*name));
    let token = token_after(&token, fixture.update(&token, &none).await);
    requirement.equal(field_texts(&fixture.load_live(&token).await).len(), 0);
}

async fn values_may_be_any_bytes<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for value in [&*all, b"", b"\0", b"\r\n", b"\xff\xfe", b"nil", b"0", b"-1"] {
        let record = Record::new(&fixture.meta(), [("value", value)]);
        let token = fixture.create(&record).await;
        fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
        let (_, patched) =
            fixture.create_and_update(&fixture.record(), &Patch::new().set("name", value)).await;
        requirement.equal(patched.get("name"), Some(value));
    }
}

async fn no_result_shows_a_token<S: Store>(fixture: Fixture<S>, _: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let patch = Patch::new().set("name", *b"bob");
    assert_hides_token(&token, &fixture.store.load(&token, fixture.now).await);
    let updated = fixture.store.update(&token, &patch, fixture.now).await;
    assert_hides_token(&token, &updated);
    let token = token_after(&token, fixture::expect_ok("update", updated));
    assert_hides_token(&token, &fixture.store.list(None, 10, fixture.now).await);
    let renewed = fixture.store.renew(&token, &patch, fixture.now).await;
    assert_hides_token(&token, &renewed);
    let text = format!("{renewed:?}");
    let fresh = token_after(&token, fixture::expect_ok("renew", renewed));
    assert_hides_token(&fresh, &text);
    assert_hides_token(&token, &fixture.store.update(&token, &patch, fixture.now).await);
    assert_hides_token(&token, &fixture.store.destroy(&token).await);
}

async fn a_value_may_have_a_megabyte<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let large: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 20).collect();
    let token = fixture.create(&Record::new(&fixture.meta(), [("large", &*large)])).await;
    requirement.holds(fixture.load_live(&token).await.get("large") == Some(&*large), "different bytes");
    let (token, patched) =
        fixture.create_and_update(&fixture.record(), &Patch::new().set("large", large.clone())).await;
    requirement.holds(patched.get("large") == Some(&*large), "different bytes");
    let token = token_after(&token, fixture.renew(&token, &Patch::new()).await);
    requirement.holds(fixture.load_live(&token).await.get("large") == Some(&*large), "different bytes");
}

/// The store may have no limit, or a larger one.
async fn a_session_that_is_too_large_is_not_written<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    let patch = Patch::new().set("theme", *b"light").set("large", vec![0; 5 << 20]);
    for result in [
        fixture.store.update(&token, &patch, fixture.now).await,
        fixture.store.renew(&token, &patch, fixture.now).await,
    ] {
        match result {
            Err(StoreError::TooLarge { .. }) => {
                assert_hides_token(&token, &result);
                fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
            }
            other => drop(fixture::expect_ok("write five megabytes or return `TooLarge`", other)),
        }
    }
}
