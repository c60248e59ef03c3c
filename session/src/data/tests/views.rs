//! Several databags on one session.

use std::time::Duration;

use session_core::value::is_kept;
use session_core::{Change, Field, HandleId, Meta, Patch, Record, Timestamp};

use crate::clock::Clock;
use crate::codec::{Codec, CodecError, decode, encode};
use crate::config_error::ConfigError;
use crate::data::{Cleared, Contents, Handover};
use crate::databag::{Databag, NoPrincipal};
use crate::shared::Data;

macro_rules! databag {
    ($name:ident { $($field:ident: $index:literal = $declared:expr),* }) => {
        #[derive(Default)]
        struct $name { $($field: Option<u8>,)* }

        impl Databag for $name {
            type Accessors = ();
            type Principal = NoPrincipal;
            type Labels = ();
            const FIELDS: &'static [Field] = &[$($declared),*];

            fn encode(&self, index: usize, out: &mut Vec<u8>) -> Result<bool, CodecError> {
                let value = [$(self.$field),*][index];
                value.map_or(Ok(false), |value| encode(&value, Codec::MessagePack, None, out).map(|()| true))
            }

            fn decode(&mut self, index: usize, value: &[u8]) -> Result<(), CodecError> {
                *[$(&mut self.$field),*][index] = Some(decode(value, None)?);
                Ok(())
            }

            fn swap(&mut self, other: &mut Self, index: usize) {
                let (mine, its) = ([$(&mut self.$field),*], [$(&mut other.$field),*]);
                for (place, (mine, its)) in mine.into_iter().zip(its).enumerate() {
                    if place == index {
                        std::mem::swap(mine, its);
                    }
                }
            }

            fn labels(&self) {}

            fn accessors(_: Data<Self>) {}
        }
    };
}

databag!(User {
    cart: 0 = Field::new("cart"),
    theme: 1 = Field::new("theme").keep(),
    name: 2 = Field::new("user").principal()
});
databag!(Csrf { seed: 0 = Field::new("csrf.seed").keep(), token: 1 = Field::new("csrf.token") });
databag!(Clashing { other: 0 = Field::new("other").aliases(&["cart"]) });
databag!(Admin { name: 0 = Field::new("admin").principal() });

const USER: usize = 2;
const TOKEN: usize = 1;

fn stored(fields: &[(&str, &[u8])]) -> Record {
    let meta = Meta {
        id: HandleId::from([1; 16]),
        created_at: Timestamp::from_millis(1),
        authenticated_at: None,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    };
    Record::new(&meta, fields.iter().copied())
}

fn contents(record: Option<Record>) -> Contents {
    Contents::new(record, Clock::system(), None)
}

/// Ada's session: a principal, a field that is kept, and others of two databags.
fn adas() -> Record {
    stored(&[
        ("cart", b"\x04\x01"),
        ("csrf.seed", b"\x84\x09"),
        ("csrf.token", b"\x04\x08"),
        ("theme", b"\x84\x02"),
        ("user", b"\x4c\x07"),
    ])
}

fn names(record: &Record) -> Vec<&str> {
    record.fields().map(|(name, _)| name).collect()
}

#[test]
fn the_changes_of_all_databags_are_one_patch() {
    let mut contents = contents(Some(stored(&[])));
    let (user, csrf) = (contents.open::<User>().unwrap(), contents.open::<Csrf>().unwrap());
    contents.set(csrf, TOKEN, |bag: &mut Csrf| bag.token = Some(3));
    contents.set(user, 0, |bag: &mut User| bag.cart = Some(4));
    let patch = contents.patch(false).unwrap();
    assert_eq!(patch, Patch::new().set("cart", *b"\x04\x04").set("csrf.token", *b"\x04\x03"));
}

#[test]
fn a_databag_is_opened_once() {
    let mut contents = contents(None);
    let first = contents.open::<User>().unwrap();
    contents.open::<Csrf>().unwrap();
    assert_eq!(contents.open::<User>().unwrap(), first);
}

#[test]
fn two_databags_that_name_one_field_are_an_error_that_names_both_and_the_field() {
    let mut contents = contents(None);
    contents.open::<User>().unwrap();
    let error = contents.open::<Clashing>().unwrap_err();
    let ConfigError::SharedField { field, databags } = &error else { panic!("{error}") };
    assert_eq!(*field, "cart");
    assert!(databags.0.ends_with("User") && databags.1.ends_with("Clashing"), "{databags:?}");
    let text = error.to_string();
    assert!(text.contains("User") && text.contains("Clashing") && text.contains("`cart`"), "{text}");
}

#[test]
fn two_databags_with_a_principal_are_an_error() {
    let mut contents = contents(None);
    contents.open::<User>().unwrap();
    let refused = contents.open::<Admin>();
    assert!(matches!(refused, Err(ConfigError::TwoPrincipals { .. })));
}

#[test]
fn clearing_in_one_databag_keeps_what_others_declared_kept_opened_or_not() {
    for opens_both in [false, true] {
        let mut contents = contents(Some(adas()));
        if opens_both {
            contents.open::<User>().unwrap();
        }
        contents.open::<Csrf>().unwrap();
        contents.clear(Cleared::Unkept);
        let patch = contents.patch(false).unwrap();
        assert_eq!(contents.handover(&patch), Handover::Left, "the principal is dropped");
        assert_eq!(names(&adas().apply(&patch).unwrap()), ["csrf.seed", "theme"]);
    }
}

#[test]
fn a_databag_that_is_opened_after_clearing_shows_only_what_is_kept() {
    let mut contents = contents(Some(adas()));
    contents.open::<Csrf>().unwrap();
    contents.clear(Cleared::Unkept);
    let user = contents.open::<User>().unwrap();
    let shown = contents.read(user, |bag: &User| (bag.cart, bag.theme, bag.name));
    assert_eq!(shown, (None, Some(2), None));
}

#[test]
fn another_principal_leaves_nothing_of_the_last_in_any_databag() {
    let mut contents = contents(Some(adas()));
    let (csrf, user) = (contents.open::<Csrf>().unwrap(), contents.open::<User>().unwrap());
    assert_eq!(contents.get(csrf, TOKEN, |bag: &Csrf| bag.token), Some(8));
    contents.set(user, USER, |bag: &mut User| bag.name = Some(9));
    assert_eq!(contents.get(csrf, TOKEN, |bag: &Csrf| bag.token), None);
    let patch = contents.patch(false).unwrap();
    assert_eq!(contents.handover(&patch), Handover::Left);
    let after = adas().apply(&patch).unwrap();
    assert_eq!(names(&after), ["csrf.seed", "theme", "user"]);
    assert_eq!(after.get("user"), Some(b"\x4c\x09".as_slice()));
}

#[test]
fn a_field_that_another_databag_set_for_the_next_principal_stays() {
    let mut contents = contents(Some(adas()));
    let (csrf, user) = (contents.open::<Csrf>().unwrap(), contents.open::<User>().unwrap());
    contents.set(csrf, TOKEN, |bag: &mut Csrf| bag.token = Some(5));
    contents.set(user, USER, |bag: &mut User| bag.name = Some(9));
    let patch = contents.patch(false).unwrap();
    assert_eq!(adas().apply(&patch).unwrap().get("csrf.token"), Some(b"\x04\x05".as_slice()));
}

#[test]
fn the_departure_of_a_principal_is_written_without_its_databag() {
    let mut contents = contents(Some(adas()));
    contents.open::<Csrf>().unwrap();
    contents.clear(Cleared::Unkept);
    assert!(contents.departs());
    let after = adas().apply(&contents.departure().unwrap()).unwrap();
    assert!(after.get("user").is_none() && after.get("theme").is_some_and(is_kept));
}

#[test]
fn a_change_in_one_databag_leaves_those_of_others_unsent_when_a_field_cannot_be_encoded() {
    #[derive(Default)]
    struct Broken(bool);

    impl Databag for Broken {
        type Accessors = ();
        type Principal = NoPrincipal;
        type Labels = ();
        const FIELDS: &'static [Field] = &[Field::new("broken")];

        fn encode(&self, _: usize, _: &mut Vec<u8>) -> Result<bool, CodecError> {
            if self.0 { Err(CodecError::TooLarge) } else { Ok(false) }
        }

        fn decode(&mut self, _: usize, _: &[u8]) -> Result<(), CodecError> {
            Ok(())
        }

        fn labels(&self) {}

        fn accessors(_: Data<Self>) {}
    }

    let mut contents = contents(Some(stored(&[])));
    let (user, broken) = (contents.open::<User>().unwrap(), contents.open::<Broken>().unwrap());
    contents.set(user, 0, |bag: &mut User| bag.cart = Some(1));
    contents.set(broken, 0, |bag: &mut Broken| bag.0 = true);
    assert_eq!(contents.patch(false).unwrap_err().0, "broken");
    contents.set(broken, 0, |bag: &mut Broken| bag.0 = false);
    let patch = contents.patch(false).unwrap();
    assert_eq!(patch.change("cart"), Some(&Change::Set(b"\x04\x01".to_vec())));
}
