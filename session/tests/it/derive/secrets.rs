//! Zeroisation of secrets on drop.

use std::cell::RefCell;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use session::{Databag, Session};
use zeroize::Zeroize;

use super::{open, record, saved};

thread_local!(static WIPED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

/// Returns the non-empty values overwritten in this thread since the last call.
fn wiped() -> Vec<String> {
    WIPED.take().into_iter().filter(|text| !text.is_empty()).collect()
}

#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Code(String);

impl Zeroize for Code {
    fn zeroize(&mut self) {
        WIPED.with_borrow_mut(|wiped| wiped.push(std::mem::take(&mut self.0)));
    }
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Not `Zeroize`.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Plain(String);

#[derive(Databag)]
struct Bag {
    #[databag(secret)]
    code: Code,
    #[databag(secret, default = "initial")]
    pin: Code,
    #[databag(secret, skip)]
    scratch: Vec<Code>,
    #[databag(secret, flash)]
    shown: Option<Code>,
    #[databag(secret, ttl = "1s")]
    short: Option<Code>,
    #[databag(secret)]
    plain: Plain,
    open: Code,
}

#[test]
fn a_value_that_is_replaced_or_cleared_is_overwritten() {
    let (bag, _data) = open::<Bag>(None);
    bag.set_code("one");
    bag.set_code("two");
    assert_eq!(wiped(), ["one"]);
    bag.clear_code();
    assert_eq!(wiped(), ["two"]);
    bag.set_scratch([Code::from("three")]);
    bag.set_scratch([]);
    assert_eq!(wiped(), ["three"]);
    bag.set_open("four");
    bag.set_open("five");
    bag.set_plain(Plain("six".into()));
    assert_eq!(wiped(), [""; 0]);
}

#[test]
fn a_bag_that_is_dropped_overwrites_its_secrets_and_nothing_else() {
    let (bag, data) = open::<Bag>(None);
    bag.set_code("one");
    bag.set_open("two");
    assert_eq!(bag.plain().0, "");
    drop((bag, data));
    let all = wiped();
    assert!(all.contains(&"one".into()) && all.contains(&"initial".into()), "{all:?}");
    assert!(all.iter().all(|text| text == "one" || text == "initial"), "{all:?}");

    for end in [Session::<Bag>::clear, Session::<Bag>::destroy] {
        let (bag, data) = open::<Bag>(None);
        bag.set_code("one");
        end(&data.session);
        assert_eq!(wiped(), ["one", "initial"]);
    }
}

#[test]
fn a_default_that_was_compared_with_is_overwritten() {
    let (bag, data) = open::<Bag>(None);
    bag.set_pin("other");
    assert_eq!(wiped(), ["initial"]);
    data.patch();
    let all = wiped();
    assert!(!all.is_empty() && all.iter().all(|text| text == "initial"), "{all:?}");
}

#[test]
fn what_the_application_takes_is_its_own() {
    let (bag, data) = open::<Bag>(None);
    bag.set_shown("one");
    bag.set_code("two");
    assert_eq!(bag.take_code(), Code::from("two"));
    let (bag, _data) = open::<Bag>(Some(saved(&data)));
    wiped();
    assert_eq!(bag.take_shown(), Some(Code::from("one")));
    assert!(wiped().iter().all(|text| text == "initial"));
}

#[test]
fn a_secret_of_any_type_may_be_generic() {
    #[derive(Databag)]
    struct Sealed<T> {
        #[databag(secret)]
        value: T,
    }
    let (bag, _data) = open::<Sealed<Code>>(None);
    bag.set_value("one");
    bag.set_value("two");
    assert_eq!(bag.value(), Code::from("two"));
    assert_eq!(wiped(), [""; 0], "whether it could be is not known where the code is generated");
}

#[test]
fn a_value_that_expired_is_overwritten() {
    let (bag, data) = open::<Bag>(Some(record([])));
    bag.set_short("one");
    data.clock.advance(Duration::from_secs(1));
    assert_eq!(bag.short(), None);
    assert!(wiped().contains(&"one".to_owned()));
}
