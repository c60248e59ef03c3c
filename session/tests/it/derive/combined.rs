//! Combinations of attributes, under the strictest lints.

#![deny(warnings, clippy::pedantic)]

use std::collections::BTreeMap;

use session::Databag;

use super::{open, saved};

#[derive(Databag)]
struct Combined {
    #[databag(principal, readonly, default = Some(7))]
    owner: Option<u64>,
    #[databag(flash, ttl = "1h30m", secret, alias = "note")]
    notes: Vec<String>,
    #[databag(flash, default = "nothing new", codec = "json")]
    news: String,
    #[databag(flash, keep, version = 2)]
    question: Option<u8>,
    #[databag(secret, ttl = "10m", rename = "otp")]
    code: Option<String>,
    #[databag(secret, skip)]
    scratch: BTreeMap<String, String>,
    #[databag(cas, index, alias = "org", version = 3, codec = "json")]
    tenant: Option<String>,
    #[databag(cas, ttl = "5s", default = 1)]
    step: u8,
    #[databag(counter, keep, default, alias = "hits", rename = "n", secret)]
    visits: u64,
    #[databag(counter)]
    balance: isize,
    #[databag(index, keep)]
    device: [u8; 2],
}

#[test]
fn every_combination_keeps_its_value() {
    let (bag, data) = open::<Combined>(None);
    bag.set_notes(["a".to_owned()]);
    bag.set_news("rain");
    bag.set_question(4);
    bag.set_code("123456");
    bag.set_tenant("acme");
    bag.set_step(3);
    assert_eq!((bag.add_visits(2), bag.add_balance(-5), bag.visits()), (2, -5, 2));
    bag.set_device([1, 2]);
    bag.update_scratch(|scratch| scratch.insert("a".into(), "b".into()));
    bag.set_scratch([]);
    let (bag, _) = open::<Combined>(Some(saved(&data)));
    assert_eq!((bag.take_notes(), bag.take_notes()), (vec!["a".to_owned()], vec![]));
    assert_eq!((bag.take_news().as_str(), bag.take_news().as_str()), ("rain", "nothing new"));
    assert_eq!((bag.take_question(), bag.code().as_deref()), (Some(4), Some("123456")));
    assert_eq!((bag.owner(), bag.tenant().as_deref(), bag.step()), (Some(7), Some("acme"), 3));
    assert_eq!((bag.visits(), bag.balance(), bag.device()), (2, -5, [1, 2]));
    bag.keep_question();
    bag.clear_question();
    bag.clear_code();
    bag.clear_visits();
    assert_eq!((bag.take_question(), bag.code(), bag.visits()), (None, None, 0));
}

#[test]
fn sessions_are_found_by_what_is_indexed_and_nothing_else() {
    let (bag, data) = open::<Combined>(None);
    bag.set_tenant("acme");
    bag.set_code("123456");
    bag.set_device([1, 2]);
    let record = saved(&data);
    let indexed: Vec<_> = record
        .fields()
        .filter(|(_, value)| session_core::value::is_indexed(value))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(indexed, ["device", "owner", "tenant"]);
    let (bag, data) = open::<Combined>(Some(record));
    bag.clear_tenant();
    assert!(saved(&data).get("tenant").is_none());
}

#[test]
fn debug_shows_no_value() {
    let (bag, data) = open::<Combined>(None);
    bag.set_code("hunter2");
    bag.set_tenant("hunter2");
    bag.set_news("hunter2");
    bag.set_balance(72_372);
    let patch = data.patch();
    let changes: Vec<_> = patch.changes().collect();
    let shown = format!("{bag:?} {:?} {patch:?} {changes:?} {:?}", data.session, saved(&data));
    assert!(!shown.contains("hunter2") && !shown.contains("72372"), "{shown}");
}
