//! Hygiene of generated code: names that could collide with it.

#![deny(warnings, clippy::pedantic, missing_docs)]
#![allow(unreachable_pub, reason = "accessors are as visible as their struct, here as public as can be")]

/// No prelude, and other items with the names of the prelude.
pub mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code, missing_docs, reason = "the shadows mean nothing")]

    macro_rules! shadows {
        ($($name:ident)*) => {$(
            #[derive(
                ::std::clone::Clone, ::std::default::Default, ::std::fmt::Debug,
                ::serde::Serialize, ::serde::Deserialize,
            )]
            pub struct $name;
        )*};
    }

    shadows! { String Option Vec Result Box Some None Ok Err Clone Default Into Send FnOnce Field Data Codec Databag }

    /// A databag with shadowed names.
    #[derive(::session::Databag)]
    pub struct Shadowed {
        pub option: Option,
        pub vec: Vec,
        #[databag(secret)]
        pub string: String,
        #[databag(rename = "other")]
        pub result: Result,
        pub real: ::std::option::Option<::std::string::String>,
        #[databag(default = "text")]
        pub text: ::std::string::String,
        pub boxed: Box,
        #[databag(counter)]
        pub by: u64,
        #[databag(flash, secret, ttl = "1m")]
        pub old: ::std::option::Option<u8>,
        #[databag(secret, keep)]
        pub empty: ::std::string::String,
        #[databag(cas, index)]
        pub index: u8,
        #[databag(principal)]
        pub principal: ::std::option::Option<::std::string::String>,
        #[databag(label)]
        pub some: Some,
    }
}

/// Fields named like items that the generated code uses.
#[derive(session::Databag)]
pub struct Named {
    /// Data.
    pub data: u8,
    self_: u8,
    bag: String,
    value: Option<String>,
    r#type: String,
    id: u64,
    #[databag(label)]
    labels: u8,
    #[databag(label)]
    debug_struct: Private,
    #[databag(label)]
    r#fn: Option<u8>,
    #[databag(principal)]
    principal: u64,
    cookie: bool,
    save: i64,
    read: String,
    clear: Vec<u8>,
    clone: String,
    index: f32,
    fmt: char,
    into_iter: u8,
    from_str: u8,
    f: u8,
    is_empty: Option<bool>,
    private_type: Private,
}

#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
struct Private;

/// Type parameters named like those of the generated code.
#[derive(session::Databag)]
pub struct Generic<R, F, const N: usize = 1>
where
    R: Send,
{
    #[databag(index)]
    one: R,
    #[databag(principal)]
    two: Option<F>,
    #[databag(skip)]
    three: std::marker::PhantomData<[R; N]>,
}

/// No fields.
#[derive(session::Databag)]
pub struct Empty {}

#[test]
fn raw_names_are_stored_without_their_prefix_and_every_name_works() {
    let (named, data) = super::open::<Named>(None);
    named.set_type("admin");
    named.set_value("v");
    named.set_data(1);
    named.set_id(5);
    named.set_index(1.5);
    assert_eq!((named.r#type().as_str(), named.data(), named.id()), ("admin", 1, 5));
    assert_eq!(named.read(), "");
    let mut stored: Vec<_> = super::saved(&data).fields().map(|(name, _)| name.to_owned()).collect();
    stored.sort();
    assert_eq!(stored, ["data", "id", "index", "type", "value"]);
}

#[test]
fn a_generic_databag_keeps_its_fields() {
    let (bag, data) = super::open::<Generic<u8, String, 3>>(None);
    bag.set_one(7);
    bag.set_two("two");
    let (again, _) = super::open::<Generic<u8, String, 3>>(Some(super::saved(&data)));
    assert_eq!((again.one(), again.two().as_deref()), (7, Some("two")));
    assert_eq!(again.read(|bag| bag.one), 7);
}

#[test]
fn shadowed_names_do_not_reach_the_generated_code() {
    let (bag, _) = super::open::<shadowed::Shadowed>(None);
    bag.set_real("real");
    assert_eq!((bag.real().as_deref(), bag.text().as_str()), (Some("real"), "text"));
    assert_eq!((bag.add_by(2), bag.take_old()), (2, None));
    bag.set_old(1);
    bag.keep_old();
    bag.set_empty("empty");
    assert_eq!(format!("{bag:?}"), "Shadowed { .. }");
}

#[test]
fn a_databag_without_fields_has_nothing_to_write() {
    let (_, data) = super::open::<Empty>(None);
    assert!(super::saved(&data).fields().is_empty());
}
