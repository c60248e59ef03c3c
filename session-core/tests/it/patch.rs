//! Patches, and their application to records.

use std::time::Duration;

use proptest::prelude::*;
use session_core::{Change, Conflict, Deadlines, HandleId, Meta, Patch, Record, Timestamp};

fn meta() -> Meta {
    Meta {
        id: HandleId::from([7; 16]),
        created_at: Timestamp::from_millis(1_000),
        authenticated_at: None,
        idle_deadline: Timestamp::from_millis(5_000),
        idle_timeout: Duration::from_secs(4),
        lifetime_deadline: Timestamp::from_millis(90_000),
        remember: false,
    }
}

fn record<const N: usize>(fields: [(&str, &[u8]); N]) -> Record {
    Record::new(&meta(), fields)
}

fn add(by: i64) -> Change {
    Change::Add { by, min: i64::MIN, max: i64::MAX, keep: false }
}

fn cas(expected: Option<&[u8]>, value: Option<&[u8]>) -> Change {
    Change::CompareAndSet { expected: expected.map(<[u8]>::to_vec), value: value.map(<[u8]>::to_vec) }
}

/// Returns the fields of a record, sorted by name.
fn fields(record: &Record) -> Vec<(&str, &[u8])> {
    let mut fields: Vec<_> = record.fields().collect();
    fields.sort_unstable();
    fields
}

#[test]
fn an_empty_patch_leaves_a_record_as_it_is() {
    let record = record([("a", b"1"), ("b", b"2")]);
    assert_eq!(record.apply(&Patch::new()), Ok(record.clone()));
    assert!(Patch::new().is_empty());
}

#[test]
fn a_patch_leaves_the_record_it_is_applied_to_alone() {
    let record = record([("a", b"1")]);
    let before = record.clone();
    record.apply(&Patch::new().set("a", *b"2")).unwrap();
    assert_eq!(record, before);
}

#[test]
fn fields_are_set_removed_and_kept() {
    let record = record([("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let patched =
        record.apply(&Patch::new().set("a", *b"9").remove("b").remove("x").set("d", *b"4")).unwrap();
    assert_eq!(fields(&patched), [("a", b"9".as_slice()), ("c", b"3"), ("d", b"4")]);
}

#[test]
fn a_later_change_of_a_field_replaces_an_earlier_one() {
    let patch = Patch::new().set("a", *b"1").remove("a").set("a", *b"2");
    assert_eq!(patch.changes().count(), 1);
    assert_eq!(fields(&record([]).apply(&patch).unwrap()), [("a", b"2".as_slice())]);
}

#[test]
fn fields_are_dropped_before_the_changes_are_applied() {
    let record = record([("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let patch = Patch::new().set("c", *b"9").keep_only(["a", "x"]);
    assert_eq!(fields(&record.apply(&patch).unwrap()), [("a", b"1".as_slice()), ("c", b"9")]);
    assert!(patch.keeps("a", b"1") && !patch.keeps("b", b"2") && patch.keeps("b", b"\x812"));
    let none = Patch::new().keep_only([""; 0]);
    assert!(none.changes_fields() && !none.is_empty());
    assert_eq!(fields(&record.apply(&none).unwrap()), []);
}

#[test]
fn a_value_marked_as_kept_is_retained_by_keep_only_and_dropped_by_drop_all() {
    let record = record([("a", b"\x811"), ("b", b"\x012"), ("c", b"\xc13"), ("n", b"\x834")]);
    let patch = Patch::new().keep_only([""; 0]).with("n", add(1));
    let kept = [("a", b"\x811".as_slice()), ("c", b"\xc13"), ("n", b"\x035")];
    assert_eq!(fields(&record.apply(&patch).unwrap()), kept);
    assert_eq!(
        fields(&record.apply(&Patch::new().drop_all().set("b", *b"\x015")).unwrap()),
        [("b", b"\x015".as_slice())]
    );
}

#[test]
fn an_addition_determines_whether_its_sum_is_kept() {
    let keep = Change::Add { by: 1, min: 0, max: 9, keep: true };
    for old in [b"\x034".as_slice(), b"\x834"] {
        let patched = record([("n", old)]).apply(&Patch::new().with("n", keep.clone())).unwrap();
        assert_eq!(patched.get("n"), Some(b"\x835".as_slice()));
    }
    let patched = record([]).apply(&Patch::new().with("n", keep)).unwrap();
    assert_eq!(patched.get("n"), Some(b"\x831".as_slice()));
}

#[test]
fn a_patch_gives_a_session_another_identity() {
    let (id, now) = (HandleId::from([9; 16]), Timestamp::from_millis(77));
    let patch = Patch::new().identify(id, now);
    assert!(!patch.is_empty() && !patch.changes_fields());
    let before = record([("a", b"1")]);
    let after = before.apply(&patch).unwrap();
    assert_eq!(after.meta(), Meta { id, created_at: now, ..before.meta() });
    assert_eq!(fields(&after), fields(&before));
}

#[test]
fn a_dropped_counter_starts_again_from_zero() {
    let five = record([]).apply(&Patch::new().with("n", add(5))).unwrap();
    let one = record([]).apply(&Patch::new().with("n", add(1))).unwrap();
    let patch = Patch::new().keep_only([""; 0]).with("n", add(1));
    assert_eq!(five.apply(&patch).unwrap(), one);
}

#[test]
fn a_value_that_is_not_a_counter_counts_as_zero() {
    let three = record([]).apply(&Patch::new().with("n", add(3))).unwrap();
    for value in [b"".as_slice(), b"7", b"\x037x", b"\x03", b"\x03 7", b"\x0399999999999999999999"] {
        let patched = record([("n", value)]).apply(&Patch::new().with("n", add(3))).unwrap();
        assert_eq!(patched, three, "{}", value.escape_ascii());
    }
}

#[test]
fn an_addition_with_swapped_limits_does_not_panic() {
    let patch = Patch::new().with("n", Change::Add { by: 1, min: 9, max: -9, keep: false });
    record([]).apply(&patch).unwrap();
}

#[test]
fn a_comparison_is_made_with_the_value_before_the_patch() {
    let record = record([("a", b"1"), ("b", b"2")]);
    let dropped = Patch::new().keep_only(["b"]).with("a", cas(Some(b"1"), Some(b"9")));
    assert_eq!(fields(&record.apply(&dropped).unwrap()), [("a", b"9".as_slice()), ("b", b"2")]);
    let absent = Patch::new().keep_only(["b"]).with("a", cas(None, Some(b"9")));
    assert_eq!(record.apply(&absent), Err(Conflict("a".to_owned())));
}

#[test]
fn a_comparison_distinguishes_absent_from_empty() {
    let empty = record([("a", b"")]);
    assert_eq!(empty.apply(&Patch::new().with("a", cas(None, None))), Err(Conflict("a".to_owned())));
    assert_eq!(fields(&empty.apply(&Patch::new().with("a", cas(Some(b""), None))).unwrap()), []);
    let absent = record([]);
    assert_eq!(absent.apply(&Patch::new().with("a", cas(Some(b""), None))), Err(Conflict("a".to_owned())));
    absent.apply(&Patch::new().with("a", cas(None, None))).unwrap();
}

#[test]
fn a_conditional_removal_keeps_another_value_without_a_conflict() {
    let record = record([("a", b"1"), ("b", b"2")]);
    let remove_if = |expected: &[u8]| Change::RemoveIf { expected: expected.to_vec() };
    let patch = Patch::new().with("a", remove_if(b"1")).with("b", remove_if(b"1")).with("c", remove_if(b""));
    assert_eq!(fields(&record.apply(&patch).unwrap()), [("b", b"2".as_slice())]);
    assert_eq!(fields(&record.apply(&patch.keep_only([""; 0])).unwrap()), []);
}

#[test]
fn a_patch_extends_the_idle_deadline_only() {
    let touched = |millis| Patch::new().touch(Timestamp::from_millis(millis)).meta(meta()).idle_deadline;
    assert_eq!(touched(4_999), Timestamp::from_millis(5_000));
    assert_eq!(touched(5_001), Timestamp::from_millis(5_001));
}

#[test]
fn new_deadlines_shorten_and_a_touch_in_the_same_patch_extends() {
    let deadlines = Deadlines {
        idle_timeout: Duration::from_secs(1),
        idle_deadline: Timestamp::from_millis(2_000),
        lifetime_deadline: Timestamp::from_millis(3_000),
        remember: true,
    };
    let limited = record([("a", b"1")]).apply(&Patch::new().set_deadlines(deadlines)).unwrap();
    let expected = Meta {
        idle_timeout: deadlines.idle_timeout,
        idle_deadline: deadlines.idle_deadline,
        lifetime_deadline: deadlines.lifetime_deadline,
        remember: true,
        ..meta()
    };
    assert_eq!(limited.meta(), expected);
    assert_eq!(fields(&limited), [("a", b"1".as_slice())]);
    let both = Patch::new().touch(Timestamp::from_millis(2_500)).set_deadlines(deadlines);
    assert_eq!(both.meta(meta()).idle_deadline, Timestamp::from_millis(2_500));
}

#[test]
fn another_identity_removes_the_time_of_authentication_and_authenticating_sets_it() {
    let (id, now, earlier) =
        (HandleId::from([9; 16]), Timestamp::from_millis(2_000), Timestamp::from_millis(1_500));
    let before = Meta { authenticated_at: Some(earlier), ..meta() };
    let after = |patch: Patch| patch.meta(before).authenticated_at;
    assert_eq!(after(Patch::new().set("a", *b"1")), Some(earlier));
    assert_eq!(after(Patch::new().authenticate(now)), Some(now));
    assert_eq!(after(Patch::new().identify(id, now)), None);
    assert_eq!(after(Patch::new().authenticate(now).identify(id, now)), Some(now));
    let authenticated = record([("a", b"1")]).apply(&Patch::new().authenticate(now)).unwrap();
    assert_eq!(fields(&authenticated), [("a", b"1".as_slice())]);
    assert!(
        authenticated.as_bytes().len()
            <= record([("a", b"1")]).as_bytes().len() + Patch::new().authenticate(now).size()
    );
    assert!(!Patch::new().authenticate(now).is_empty());
}

#[test]
fn debug_shows_field_names_and_never_values() {
    let patch = Patch::new()
        .set("plain", *b"hunter2")
        .with("swapped", cas(Some(b"hunter2"), Some(b"hunter2")))
        .with("expired", Change::RemoveIf { expected: b"hunter2".to_vec() })
        .with("counter", add(7_654_321));
    let shown = format!("{patch:?} {:?}", record([("plain", b"hunter2")]));
    for name in ["plain", "swapped", "expired", "counter"] {
        assert!(shown.contains(name), "{shown}");
    }
    assert!(!shown.contains("hunter2") && !shown.contains("7654321") && !shown.contains("104"), "{shown}");
}

fn change() -> impl Strategy<Value = Change> {
    let value = || proptest::collection::vec(any::<u8>(), 0..3);
    let optional = move || proptest::option::of(value());
    prop_oneof![
        value().prop_map(Change::Set),
        Just(Change::Remove),
        value().prop_map(|expected| Change::RemoveIf { expected }),
        (any::<i64>(), any::<i64>(), any::<i64>(), any::<bool>())
            .prop_map(|(by, min, max, keep)| Change::Add { by, min, max, keep }),
        (optional(), optional()).prop_map(|(expected, value)| Change::CompareAndSet { expected, value }),
    ]
}

proptest! {
    #[test]
    fn any_patch_makes_a_record_with_unique_names(
        fields in proptest::collection::vec(("[a-d]", proptest::collection::vec(any::<u8>(), 0..3)), 0..6),
        changes in proptest::collection::vec(("[a-d]", change()), 0..6),
        kept in proptest::option::of(proptest::collection::vec("[a-d]", 0..3)),
    ) {
        let record = Record::new(&meta(), fields.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let mut patch = changes.into_iter().fold(Patch::new(), |patch, (name, change)| patch.with(name, change));
        if let Some(kept) = kept {
            patch = patch.keep_only(kept);
        }
        if let Ok(patched) = record.apply(&patch) {
            let mut names: Vec<_> = patched.fields().map(|(name, _)| name).collect();
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            prop_assert_eq!(names.len(), all);
            prop_assert_eq!(&Record::from_bytes(patched.as_bytes()).unwrap(), &patched);
            for (name, value) in record.fields() {
                if patch.keeps(name, value) && patch.change(name).is_none() {
                    prop_assert_eq!(patched.get(name), Some(value));
                }
            }
        }
    }
}

#[test]
fn a_patch_reindexes_only_if_an_indexed_value_is_set_or_may_be_removed() {
    let (found, plain) = ([0x41, 7], [0x01, 7]);
    assert!(session_core::value::is_indexed(&found) && !session_core::value::is_indexed(&plain));
    let record = record([("email", &found), ("theme", &plain)]);
    for patch in [
        Patch::new(),
        Patch::new().set("theme", [0x01, 9]),
        Patch::new().remove("theme").with("visits", add(1)),
    ] {
        assert!(!patch.reindexes(&record), "{patch:?}");
    }
    for patch in [
        Patch::new().set("theme", found),
        Patch::new().with("user", cas(None, Some(&found))),
        Patch::new().set("email", plain),
        Patch::new().remove("email"),
        Patch::new().with("email", Change::RemoveIf { expected: found.to_vec() }),
        Patch::new().keep_only(["theme"]),
    ] {
        assert!(patch.reindexes(&record), "{patch:?}");
    }
}
