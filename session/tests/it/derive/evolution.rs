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
    assert!(data.unreadable().is_empty());
    assert!(data.patch().is_empty());
}

#[test]
fn a_field_of_another_type_shows_its_default_and_is_named_and_its_bytes_stay() {
    let (bag, data) = open::<New>(Some(old()));
    assert_eq!(bag.retyped(), 3);
    assert_eq!(data.unreadable(), ["retyped"]);
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
    assert_eq!(data.unreadable()[0], "amount");
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
    assert!(data.unreadable().is_empty());
    assert_eq!(bag.kept(), "");
    assert_eq!(data.unreadable().len(), 1);
}

#[derive(Databag)]
struct Plain {
    a: Option<u64>,
    b: u64,
    c: u64,
    d: u64,
    e: Option<String>,
    f: u64,
    g: String,
}

#[derive(Databag)]
struct Meaningful {
    #[databag(principal, alias = "a")]
    user: Option<u64>,
    #[databag(index, alias = "b")]
    tenant: u64,
    #[databag(counter, alias = "c")]
    visits: u64,
    #[databag(cas, alias = "d")]
    step: u64,
    #[databag(flash, alias = "e")]
    notice: Option<String>,
    #[databag(ttl = "1m", alias = "f")]
    code: u64,
    #[databag(keep, secret, alias = "g")]
    theme: String,
}

fn plain() -> session::Record {
    let (bag, data) = open::<Plain>(None);
    bag.set_a(1);
    bag.set_b(2);
    bag.set_c(300);
    bag.set_d(4);
    bag.set_e("five");
    bag.set_f(6);
    bag.set_g("seven");
    saved(&data)
}

#[test]
fn fields_of_every_meaning_are_read_under_names_they_had_before_they_meant_anything() {
    let (bag, data) = open::<Meaningful>(Some(plain()));
    assert_eq!((bag.user(), bag.tenant(), bag.visits(), bag.step()), (Some(1), 2, 300, 4));
    assert_eq!((bag.code(), bag.theme().as_str()), (6, "seven"));
    assert!(data.patch().is_empty());
    assert_eq!(bag.take_notice().as_deref(), Some("five"));
    assert_eq!(bag.add_visits(1), 301);
    bag.set_step(5);
    bag.set_user(1);
    assert!(data.patch().identity().is_none(), "the user is the same");
    let (bag, data) = open::<Meaningful>(Some(saved(&data)));
    assert_eq!((bag.user(), bag.visits(), bag.step()), (Some(1), 301, 5));
    assert_eq!(bag.take_notice(), None);
    data.session.renew_and_clear();
    let kept: Vec<_> = saved(&data).fields().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(kept, ["g"]);
}

#[test]
fn a_field_that_is_no_counter_any_more_keeps_its_number() {
    #[derive(Databag)]
    struct Counting {
        #[databag(counter)]
        b: u64,
    }
    let (bag, data) = open::<Counting>(None);
    bag.add_b(41);
    let (bag, _) = open::<Plain>(Some(saved(&data)));
    assert_eq!(bag.b(), 41);
}

#[test]
fn a_number_wider_than_a_counter_is_cut() {
    #[derive(Databag)]
    struct Counting {
        #[databag(counter)]
        big: u64,
        #[databag(counter)]
        small: i8,
    }
    let (bag, data) = open::<Counting>(None);
    bag.set_big(u64::MAX);
    assert_eq!(bag.add_small(-1_000), -128);
    let limit = u64::try_from(i64::MAX).unwrap();
    assert_eq!((bag.big(), bag.add_big(1)), (limit, limit));
    let (bag, _) = open::<Counting>(Some(saved(&data)));
    assert_eq!((bag.big(), bag.small()), (limit, -128));
}
