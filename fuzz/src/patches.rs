//! Applying a patch to a record yields a valid record with exactly the changes of the patch.

use session_core::{Change, Conflict, Deadlines, HandleId, Patch, Record};

use crate::input::Input;
use crate::records::check;

/// Input: a record and a patch.
///
/// # Panics
///
/// When the patched record differs from the expected one.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let record = input.record();
    let patch = patch(&mut input, &record);
    check_patch(&patch, &record);
    let empty = Record::new(&record.meta(), []);
    check_outcome(&record, &patch, record.apply(&patch));
    check_outcome(&empty, &patch, Record::created(record.meta(), &patch));
}

/// Inputs of several lengths; every input is a valid record and patch.
pub fn seeds() -> Vec<Vec<u8>> {
    (0_u8..6)
        .map(|seed| {
            (0..60 * (u16::from(seed) + 1)).map(|at| at.to_le_bytes()[0].wrapping_mul(seed + 3)).collect()
        })
        .collect()
}

fn patch(input: &mut Input<'_>, record: &Record) -> Patch {
    let mut patch = Patch::new();
    patch = match input.byte() % 4 {
        0 => patch.keep_only((0..input.byte() % 4).map(|_| input.name()).collect::<Vec<_>>()),
        1 => patch.drop_all(),
        _ => patch,
    };
    for _ in 0..input.byte() % 8 {
        let name = input.name();
        let change = change(input, record.get(&name));
        patch = patch.with(name, change);
    }
    if input.flag() {
        patch = patch.touch(input.timestamp());
    }
    if input.flag() {
        patch = patch.set_deadlines(Deadlines::from(input.meta()));
    }
    if input.flag() {
        patch = patch.identify(HandleId::from(input.array::<16>()), input.timestamp());
    }
    if input.flag() {
        patch = patch.authenticate(input.timestamp());
    }
    patch
}

fn change(input: &mut Input<'_>, held: Option<&[u8]>) -> Change {
    match input.byte() % 6 {
        0 => Change::Set(input.value()),
        1 => Change::Remove,
        2 => Change::RemoveIf { expected: expected(input, held).unwrap_or_default() },
        3 => Change::Add { by: input.signed(), min: input.signed(), max: input.signed(), keep: input.flag() },
        4 => Change::CompareAndSet { expected: expected(input, held), value: None },
        _ => Change::CompareAndSet { expected: expected(input, held), value: Some(input.value()) },
    }
}

/// Returns an expected value, mostly the one in the record.
fn expected(input: &mut Input<'_>, held: Option<&[u8]>) -> Option<Vec<u8>> {
    match input.byte() {
        0..30 => None,
        30..60 => Some(input.value()),
        _ => held.map(<[u8]>::to_vec),
    }
}

fn check_patch(patch: &Patch, record: &Record) {
    let names: Vec<&str> = patch.changes().map(|(name, _)| name).collect();
    assert!(names.is_sorted_by(|one, other| one < other), "sorted and unique: {patch:?}");
    assert!(patch.changes().all(|(name, change)| patch.change(name) == Some(change)));
    assert_eq!(patch.changes_fields(), !names.is_empty() || patch.drops_fields());
    assert!(!patch.is_empty() || !patch.reindexes(record));
    assert!(!patch.drops_all() || patch.kept().is_none());
}

fn check_outcome(before: &Record, patch: &Patch, after: Result<Record, Conflict>) {
    let after = match after {
        Ok(after) => after,
        Err(Conflict(name)) => {
            let Some(Change::CompareAndSet { expected, .. }) = patch.change(&name) else {
                panic!("`{name}` is not compared")
            };
            return assert_ne!(expected.as_deref(), before.get(&name));
        }
    };
    check(&after);
    assert_eq!(after.meta(), patch.meta(before.meta()));
    assert!(after.as_bytes().len() <= before.as_bytes().len() + patch.size());
    for (name, value) in before.fields().filter(|(name, _)| patch.change(name).is_none()) {
        assert_eq!(
            after.get(name),
            Some(value).filter(|value| patch.keeps(name, value)),
            "{name:?} was not named"
        );
    }
    for (name, change) in patch.changes() {
        let (now, held) = (after.get(name), before.get(name));
        let kept = held.filter(|value| patch.keeps(name, value));
        match change {
            Change::Set(value) => assert_eq!(now, Some(value.as_slice())),
            Change::Remove => assert_eq!(now, None),
            Change::RemoveIf { expected } => assert_eq!(now, kept.filter(|value| value != expected)),
            Change::CompareAndSet { expected, value } => {
                assert_eq!(held, expected.as_deref());
                assert_eq!(now, value.as_deref());
            }
            Change::Add { max, .. } => {
                let digits = str::from_utf8(&now.expect("a counter is stored")[1..]).unwrap();
                assert!(digits.parse::<i64>().unwrap() <= *max);
            }
        }
    }
    for (name, _) in after.fields() {
        assert!(before.get(name).is_some() || patch.change(name).is_some(), "{name:?} came from nowhere");
    }
}
