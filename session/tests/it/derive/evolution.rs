//! Old and new versions of an application on the same records.

use serde::{Deserialize, Serialize};
use session::Databag;

use super::{open, record, saved};

#[derive(Databag)]
struct Old {
    kept: String,
    removed: Option<String>,
    former_name: String,
    retyped: String,
}

#[derive(Databag)]
struct New {
    kept: String,
    #[databag(default = "added")]
    added: String,
    #[databag(alias = "oldest_name", alias = "former_name")]
    name: String,
    #[databag(default = 3)]
    retyped: u64,
}

fn old() -> session::Record {
    let (bag, data) = open::<Old>(None);
    bag.set_kept("kept");
    bag.set_removed("removed");
    bag.set_former_name("name");
    bag.set_retyped("not a number");
    saved(&data)
}

#[test]
fn a_new_version_reads_the_old_record_and_writes_nothing() {
    let (bag, data) = open::<New>(Some(old()));
    assert_eq!((bag.kept().as_str(), bag.added().as_str(), bag.name().as_str()), ("kept", "added", "name"));
    assert!(data.take_ignored().is_empty());
    assert!(data.patch(false).unwrap().is_empty());
}

#[test]
fn a_field_of_another_type_shows_its_default_and_is_named_and_its_bytes_stay() {
    let (bag, data) = open::<New>(Some(old()));
    assert_eq!(bag.retyped(), 3);
    let ignored: Vec<_> = data.take_ignored().into_iter().map(|ignored| ignored.name).collect();
    assert_eq!(ignored, ["retyped"]);
    assert_eq!(bag.kept(), "kept");
    let (old, _) = open::<Old>(Some(saved(&data)));
    assert_eq!(old.retyped(), "not a number");
}

#[test]
fn fields_that_this_version_does_not_know_are_preserved() {
    let (bag, data) = open::<New>(Some(old()));
    bag.set_kept("changed");
    let (old, _) = open::<Old>(Some(saved(&data)));
    assert_eq!((old.kept().as_str(), old.removed().as_deref()), ("changed", Some("removed")));
}

#[test]
fn a_renamed_field_is_stored_under_its_new_name() {
    let (bag, data) = open::<New>(Some(old()));
    bag.set_name("new");
    let (bag, _) = open::<New>(Some(saved(&data)));
    assert_eq!(bag.name(), "new");
}

#[test]
fn bytes_of_another_version_are_not_read() {
    #[derive(Databag)]
    struct First {
        #[databag(version = 1)]
        amount: u64,
    }
    #[derive(Databag)]
    struct Second {
        #[databag(version = 2)]
        amount: u64,
    }
    let (bag, data) = open::<First>(None);
    bag.set_amount(5);
    let stored = saved(&data);
    let (bag, data) = open::<Second>(Some(stored.clone()));
    assert_eq!(bag.amount(), 0);
    assert_eq!(data.take_ignored()[0].name, "amount");
    let (bag, _) = open::<First>(Some(stored));
    assert_eq!(bag.amount(), 5);
}

#[test]
fn json_survives_members_that_change_places() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct OneTwo {
        one: u8,
        two: u8,
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct TwoOne {
        two: u8,
        one: u8,
    }
    #[derive(Databag)]
    struct Before {
        #[databag(codec = "json")]
        pair: OneTwo,
    }
    #[derive(Databag)]
    struct After {
        #[databag(codec = "json")]
        pair: TwoOne,
    }
    let (bag, data) = open::<Before>(None);
    bag.set_pair(OneTwo { one: 1, two: 2 });
    let (bag, _) = open::<After>(Some(saved(&data)));
    assert_eq!((bag.pair().one, bag.pair().two), (1, 2));
}

#[test]
fn a_field_is_decoded_when_it_is_first_used() {
    let (bag, data) = open::<New>(Some(record([("kept", &b"\xff"[..]), ("name", b"\xff")])));
    assert_eq!(bag.added(), "added");
    assert!(data.take_ignored().is_empty());
    assert_eq!(bag.kept(), "");
    assert_eq!(data.take_ignored().len(), 1);
}
