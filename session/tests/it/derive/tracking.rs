//! Change tracking, and the resulting record.

use session::Databag;
use session::store::Change;

use super::{open, saved};

#[derive(Databag)]
struct Eight {
    a: u8,
    b: String,
    #[databag(alias = "old_c")]
    c: Option<String>,
    #[databag(default = "d")]
    d: Option<String>,
    #[databag(default = vec![1, 2])]
    e: Vec<u8>,
    f: i64,
    g: u64,
    h: f64,
}

#[test]
fn setting_an_equal_value_writes_nothing() {
    let (bag, data) = open::<Eight>(None);
    bag.set_b("b");
    let (bag, data) = open::<Eight>(Some(saved(&data)));
    bag.set_b("b");
    bag.set_a(0);
    bag.set_e([1, 2]);
    assert!(data.patch().is_empty());
}

#[test]
fn changing_and_reverting_writes_nothing() {
    let (bag, data) = open::<Eight>(None);
    bag.update_e(|e| e.push(3));
    bag.update_e(Vec::pop);
    assert!(data.patch().is_empty());
}

#[test]
fn one_of_eight_fields_changed_is_one_change() {
    let (bag, data) = open::<Eight>(None);
    bag.set_a(1);
    bag.set_b("b");
    bag.set_c("c");
    bag.set_d("x");
    bag.set_e([9]);
    bag.set_f(1);
    bag.set_g(1);
    bag.set_h(1.0);
    let (bag, data) = open::<Eight>(Some(saved(&data)));
    bag.set_g(2);
    let patch = data.patch();
    assert_eq!(patch.changes().map(|(name, _)| name).collect::<Vec<_>>(), ["g"]);
}

#[test]
fn a_cleared_field_leaves_the_record_with_its_alias() {
    #[derive(Databag)]
    struct Old {
        old_c: Option<String>,
    }
    let (old, data) = open::<Old>(None);
    old.set_old_c("kept");
    let (bag, data) = open::<Eight>(Some(saved(&data)));
    assert_eq!(bag.take_c().as_deref(), Some("kept"));
    assert_eq!(bag.take_c(), None);
    assert_eq!(data.patch().change("old_c"), Some(&Change::Remove));
    assert!(saved(&data).fields().is_empty());
}

#[test]
fn clearing_goes_back_to_the_default_and_out_of_the_record() {
    let (bag, data) = open::<Eight>(None);
    bag.set_e([7]);
    let (bag, data) = open::<Eight>(Some(saved(&data)));
    assert_eq!(bag.take_e(), [7]);
    assert_eq!(bag.e(), [1, 2]);
    assert_eq!(data.patch().change("e"), Some(&Change::Remove));
}

#[test]
fn clearing_an_option_with_a_default_survives_reloading() {
    let (bag, data) = open::<Eight>(None);
    assert_eq!(bag.d().as_deref(), Some("d"));
    bag.clear_d();
    let (bag, data) = open::<Eight>(Some(saved(&data)));
    assert_eq!(bag.d(), None);
    bag.set_d("x");
    assert_eq!(bag.take_d().as_deref(), Some("x"));
    let (bag, _) = open::<Eight>(Some(saved(&data)));
    assert_eq!(bag.d(), None);
}
