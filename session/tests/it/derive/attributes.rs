//! Behaviour of the attributes.

use std::sync::atomic::{AtomicU64, Ordering};

use session::Databag;

use super::{open, saved};

static NEXT: AtomicU64 = AtomicU64::new(1);

#[derive(Databag)]
struct Bag {
    #[databag(readonly, default = NEXT.fetch_add(1, Ordering::SeqCst))]
    serial: u64,
    #[databag(secret, rename = "pw")]
    password: Option<String>,
    #[databag(skip, default = "scratch")]
    scratch: String,
    #[databag(with = "hex")]
    colour: u32,
    #[databag(with = hex, version = 3, codec = "json", default = 1)]
    shade: u32,
    #[databag(default)]
    plain: String,
    reader: Option<Unclear>,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Unclear;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        u32::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(D::Error::custom)
    }
}

#[test]
fn a_readonly_field_is_stored_when_the_session_is_created_and_stays() {
    let (bag, data) = open::<Bag>(None);
    let serial = bag.serial();
    let (bag, data) = open::<Bag>(Some(saved(&data)));
    assert_eq!(bag.serial(), serial);
    assert!(data.patch().is_empty());
}

#[test]
fn a_skipped_field_is_kept_for_the_request_and_never_stored() {
    let (bag, data) = open::<Bag>(None);
    assert_eq!(bag.scratch(), "scratch");
    bag.set_scratch("other");
    assert_eq!(bag.update_scratch(std::mem::take), "other");
    bag.set_scratch("third");
    assert_eq!((bag.take_scratch().as_str(), bag.scratch().as_str()), ("third", "scratch"));
    assert!(data.patch().is_empty());
    assert!(Bag::FIELDS.iter().all(|field| field.name != "scratch"));
}

#[test]
fn debug_redacts_the_secret_fields_and_the_accessors_show_nothing() {
    let (bag, _) = open::<Bag>(None);
    bag.set_password("hunter2");
    let shown = bag.read(|bag| format!("{bag:?}"));
    assert!(shown.contains("password: ***") && shown.contains("scratch: \"scratch\""), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(format!("{bag:?}"), "Bag { .. }");
}

#[test]
fn a_renamed_field_is_stored_under_that_name_only() {
    let (bag, data) = open::<Bag>(None);
    bag.set_password("hunter2");
    let stored = saved(&data);
    assert!(stored.get("pw").is_some() && stored.get("password").is_none());
}

#[test]
fn a_module_of_ones_own_serializes_its_fields() {
    let (bag, data) = open::<Bag>(None);
    bag.set_colour(0xff_0080);
    bag.set_shade(255);
    let stored = saved(&data);
    assert!(stored.get("shade").is_some_and(|value| value.ends_with(b"\"ff\"")));
    let (bag, _) = open::<Bag>(Some(stored));
    assert_eq!((bag.colour(), bag.shade()), (0xff_0080, 255));
}

#[test]
fn a_generic_field_may_have_a_module_of_its_own() {
    #[derive(Databag)]
    struct Tagged<T> {
        #[databag(with = "units")]
        unit: std::marker::PhantomData<T>,
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    mod units {
        use std::marker::PhantomData;

        pub(super) fn serialize<T, S: serde::Serializer>(
            _: &PhantomData<T>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.serialize_unit()
        }

        pub(super) fn deserialize<'de, T, D: serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<PhantomData<T>, D::Error> {
            <() as serde::Deserialize>::deserialize(deserializer).map(|()| PhantomData)
        }
    }
    // Neither `Serialize` nor `Clone`.
    struct Marker;
    let (bag, data) = open::<Tagged<Marker>>(None);
    bag.set_unit(std::marker::PhantomData);
    assert!(data.patch().is_empty());
}

#[test]
fn the_crate_may_be_reached_by_another_path() {
    mod vendored {
        pub(super) use ::session as sessions;
    }
    #[derive(Databag)]
    #[databag(crate = vendored::sessions)]
    struct One {
        one: u8,
    }
    #[derive(Databag)]
    #[databag(crate = "vendored::sessions")]
    struct Two {
        two: u8,
    }
    let ((one, _), (two, _)) = (open::<One>(None), open::<Two>(None));
    one.set_one(1);
    two.set_two(2);
    assert_eq!((one.one(), two.two()), (1, 2));
}

#[test]
#[should_panic(expected = "used inside a closure given to its own")]
fn using_the_data_inside_its_own_closure_panics_and_never_hangs() {
    let (bag, _) = open::<Bag>(None);
    let again = bag.clone();
    bag.update_plain(|_| again.set_plain("again"));
}

#[test]
fn conversion_and_the_drop_of_the_old_value_may_use_the_data() {
    #[derive(Clone, Default)]
    struct Noisy(Option<<Loud as Databag>::Accessors>);
    impl Drop for Noisy {
        fn drop(&mut self) {
            if let Some(bag) = self.0.take() {
                bag.set_dropped(true);
            }
        }
    }
    #[derive(Databag)]
    struct Loud {
        #[databag(skip)]
        noisy: Noisy,
        dropped: bool,
    }
    struct Converted(<Loud as Databag>::Accessors);
    impl From<Converted> for Noisy {
        fn from(Converted(bag): Converted) -> Self {
            bag.set_dropped(false);
            Self(None)
        }
    }
    let (bag, _) = open::<Loud>(None);
    bag.set_noisy(Noisy(Some(bag.clone())));
    bag.set_noisy(Converted(bag.clone()));
    assert!(bag.dropped());
}
