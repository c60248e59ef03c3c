//! `create` and `update`: new tokens, and the changes of a patch.

use super::fixture::{self, Fixture, add, counter, field_texts, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::{Change, Deadlines, Patch, Record, Store, WriteOutcome};

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`create` generates a new token and never overwrites"
            => every_session_has_its_own_token,
        "`update` returns `NewToken` if `record_in_token` is set, and `Done` otherwise"
            => updates_return_new_tokens_if_the_store_says_so,
        "fields that the patch does not name keep their values"
            => fields_that_a_patch_does_not_name_stay,
        "a removed field is absent"
            => a_removed_field_is_absent,
        "`RemoveIf` removes a field that holds the expected bytes, and leaves any other"
            => a_field_is_removed_if_it_has_the_expected_value,
        "`keep_only` drops the fields that it does not name before the changes are applied"
            => keep_only_drops_the_others,
        "a value marked as kept is retained by `keep_only` and dropped by `drop_all`"
            => values_marked_as_kept_are_retained,
        "an empty patch changes nothing"
            => an_empty_patch_changes_nothing,
        "additions to a counter sum up and saturate"
            => counters_sum_up_and_saturate,
        "a successful comparison writes its value"
            => a_successful_comparison_writes_its_value,
        "a comparison tells an absent field from an empty one"
            => a_comparison_tells_absent_from_empty,
        "a failed comparison names its field and changes nothing"
            => a_conflict_changes_nothing,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`update` never creates a record"
            => update_never_creates,
    }
}

async fn every_session_has_its_own_token<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let first = fixture.create(&record).await;
    let second = fixture.create(&fixture.record()).await;
    requirement.holds(first != second, "one token for two sessions");
    let changed = token_after(&second, fixture.update(&second, &Patch::new().set("name", *b"bob")).await);
    requirement.equal(fixture.load_live(&changed).await.get("name"), Some(b"bob".as_slice()));
    fixture::assert_same_record(&requirement, &fixture.load_live(&first).await, &record);
}

async fn updates_return_new_tokens_if_the_store_says_so<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let token = fixture.create(&fixture.record()).await;
    let written = fixture.update(&token, &Patch::new().set("name", *b"bob")).await;
    requirement.holds(
        matches!(written, WriteOutcome::NewToken(_)) == fixture.store.capabilities().record_in_token,
        written,
    );
}

async fn fields_that_a_patch_does_not_name_stay<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let patch = Patch::new().set("name", *b"bob").set("cart", *b"tea");
    let (token, patched) = fixture.create_and_update(&record, &patch).await;
    let expected = Record::new(
        &record.meta(),
        [("name", b"bob".as_slice()), ("theme", b"dark".as_slice()), ("cart", b"tea".as_slice())],
    );
    fixture::assert_same_record(&requirement, &patched, &expected);
    let token = token_after(&token, fixture.update(&token, &Patch::new().set("theme", *b"light")).await);
    let seen = fixture.load_live(&token).await;
    requirement.equal(seen.get("cart"), Some(b"tea".as_slice()));
    requirement.equal(seen.get("name"), Some(b"bob".as_slice()));
}

async fn a_removed_field_is_absent<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let patch = Patch::new().remove("name").remove("never there");
    let (_, patched) = fixture.create_and_update(&record, &patch).await;
    fixture::assert_same_record(
        &requirement,
        &patched,
        &Record::new(&record.meta(), [("theme", b"dark".as_slice())]),
    );
    let record = fixture.record();
    let (_, emptied) = fixture.create_and_update(&record, &patch.remove("theme")).await;
    fixture::assert_same_record(
        &Requirement("a session without fields is live"),
        &emptied,
        &Record::new(&record.meta(), []),
    );
}

async fn a_field_is_removed_if_it_has_the_expected_value<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    let remove_if = |expected: &[u8]| Change::RemoveIf { expected: expected.to_vec() };
    for other in [b"".as_slice(), b"ad", b"adaa", b"eve"] {
        let record = fixture.record();
        let patch = Patch::new().with("name", remove_if(other)).with("never there", remove_if(other));
        let (_, patched) = fixture.create_and_update(&record, &patch).await;
        fixture::assert_same_record(&requirement, &patched, &record);
    }
    let equal = Patch::new().with("name", remove_if(b"ada"));
    let dropped = Patch::new().with("name", remove_if(b"eve")).keep_only(["theme"]);
    for patch in [equal, dropped] {
        let record = fixture.record();
        let without = Record::new(&record.meta(), [("theme", b"dark".as_slice())]);
        let (_, patched) = fixture.create_and_update(&record, &patch).await;
        fixture::assert_same_record(&requirement, &patched, &without);
    }
}

async fn keep_only_drops_the_others<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record =
        fixture.record().apply(&Patch::new().with("visits", add(5))).unwrap_or_else(|_| fixture.record());
    let patch =
        Patch::new().keep_only(["theme", "never there"]).set("cart", *b"tea").with("visits", add(1)).with(
            "name",
            Change::CompareAndSet { expected: Some(b"ada".to_vec()), value: Some(b"bob".to_vec()) },
        );
    let (_, patched) = fixture.create_and_update(&record, &patch).await;
    let one = counter(1);
    let expected = Record::new(
        &record.meta(),
        [
            ("theme", b"dark".as_slice()),
            ("cart", b"tea".as_slice()),
            ("visits", one.as_slice()),
            ("name", b"bob".as_slice()),
        ],
    );
    fixture::assert_same_record(&requirement, &patched, &expected);
    let (_, emptied) = fixture.create_and_update(&fixture.record(), &Patch::new().keep_only([""; 0])).await;
    requirement.equal(field_texts(&emptied).len(), 0);
}

async fn values_marked_as_kept_are_retained<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let keep = Change::Add { by: 3, min: 0, max: 9, keep: true };
    let filled = Patch::new().set("kept", [0x81, 1]).set("index", [0xc1, 2]).with("visits", keep.clone());
    let (token, record) = fixture.create_and_update(&fixture.record(), &filled).await;
    let patch = Patch::new().keep_only([""; 0]).with("visits", keep);
    let token = token_after(&token, fixture.update(&token, &patch).await);
    let six = [0x83, b'6'];
    let expected = Record::new(
        &record.meta(),
        [("kept", [0x81, 1].as_slice()), ("index", &[0xc1, 2]), ("visits", &six)],
    );
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &expected);
    let token = token_after(&token, fixture.update(&token, &Patch::new().drop_all()).await);
    requirement.equal(field_texts(&fixture.load_live(&token).await).len(), 0);
}

async fn an_empty_patch_changes_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let (_, patched) = fixture.create_and_update(&record, &Patch::new()).await;
    fixture::assert_same_record(&requirement, &patched, &record);
}

async fn counters_sum_up_and_saturate<S: Store>(fixture: Fixture<S>, _: Requirement) {
    let small = |by| Change::Add { by, min: -10, max: 10, keep: false };
    let sums = [
        ("a counter starts from zero", vec![add(3)], 3),
        ("additions to a counter sum up", vec![add(3), add(4), add(-9)], -2),
        ("a counter saturates at its maximum", vec![small(7), small(7)], 10),
        ("a counter saturates at its minimum", vec![small(-7), small(-7)], -10),
        ("a saturated counter can change in the other direction", vec![small(70), small(-1)], 9),
        ("a counter does not overflow", vec![add(i64::MAX), add(1)], i64::MAX),
        ("a counter does not underflow", vec![add(i64::MIN), add(-1)], i64::MIN),
        ("a counter is exact beyond 2^53", vec![add(1 << 53), add(1)], (1 << 53) + 1),
    ];
    for (requirement, changes, sum) in sums {
        let mut token = fixture.create(&fixture.record()).await;
        for change in changes {
            token = token_after(&token, fixture.update(&token, &Patch::new().with("visits", change)).await);
        }
        Requirement(requirement).equal(fixture.load_live(&token).await.get("visits"), Some(&*counter(sum)));
    }
}

async fn a_successful_comparison_writes_its_value<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let value = |text: &str| Some(text.as_bytes().to_vec());
    for (name, expected, value) in [
        ("name", value("ada"), value("bob")),
        ("name", value("ada"), None),
        ("code", None, value("1234")),
        ("code", None, None),
    ] {
        let patch = Patch::new().with(name, Change::CompareAndSet { expected, value: value.clone() });
        let (_, patched) = fixture.create_and_update(&fixture.record(), &patch).await;
        requirement.equal(patched.get(name), value.as_deref());
        requirement.equal(patched.get("theme"), Some(b"dark".as_slice()));
    }
}

async fn a_comparison_tells_absent_from_empty<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = Record::new(&fixture.meta(), [("empty", b"".as_slice())]);
    let token = fixture.create(&record).await;
    for (name, expected) in [("empty", None), ("absent", Some(Vec::new()))] {
        let cas = Change::CompareAndSet { expected, value: Some(b"set".to_vec()) };
        let written = fixture.update(&token, &Patch::new().with(name, cas)).await;
        requirement.equal(written, WriteOutcome::Conflict(name.to_owned()));
        fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    }
}

async fn a_conflict_changes_nothing<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let record = fixture.record();
    let token = fixture.create(&record).await;
    for expected in [None, Some(b"eve".to_vec()), Some(b"".to_vec()), Some(b"adaa".to_vec())] {
        let patch = Patch::new()
            .set("theme", *b"light")
            .with("visits", add(1))
            .with("name", Change::CompareAndSet { expected, value: Some(b"bob".to_vec()) })
            .remove("theme")
            .keep_only(["visits"])
            .touch(record.meta().idle_deadline.after(fixture::MINUTE))
            .set_deadlines(Deadlines {
                idle_timeout: fixture::MINUTE,
                idle_deadline: fixture.now.after(fixture::MINUTE),
                lifetime_deadline: fixture.now.after(fixture::MINUTE),
                remember: true,
            });
        requirement.equal(fixture.update(&token, &patch).await, WriteOutcome::Conflict("name".to_owned()));
        requirement.equal(fixture.renew(&token, &patch).await, WriteOutcome::Conflict("name".to_owned()));
        fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    }
}

async fn update_never_creates<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    fixture.destroy(&token).await;
    for patch in [Patch::new(), Patch::new().set("name", *b"eve"), Patch::new().with("n", add(1))] {
        requirement.equal(fixture.update(&token, &patch).await, WriteOutcome::Gone);
        requirement.equal(fixture.load(&token).await, None);
    }
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
}
