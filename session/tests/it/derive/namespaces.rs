//! Stored names of databags with a namespace.

use std::collections::BTreeSet;

use session::Databag;

use super::{Opened, open, record, saved};

#[derive(Databag)]
#[databag(namespace = "shop.cart")]
struct Cart {
    items: Vec<String>,
    #[databag(rename = "n")]
    count: u32,
    #[databag(alias = "voucher", alias = "gift")]
    code: Option<String>,
    #[databag(rename = "who", alias = "person", principal)]
    user: Option<u64>,
    #[databag(counter)]
    visits: u64,
    #[databag(flash)]
    notice: Option<String>,
    #[databag(secret, ttl = "1m")]
    r#type: String,
    #[databag(skip)]
    scratch: u8,
}

/// The same without a namespace.
#[derive(Databag)]
struct Bare {
    items: Vec<String>,
    #[databag(rename = "n")]
    count: u32,
    voucher: Option<String>,
}

fn names(data: &Opened<impl Databag>) -> Vec<String> {
    saved(data).fields().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_name_in_the_record_begins_with_the_namespace() {
    let (bag, data) = open::<Cart>(None);
    bag.set_items(["pen".to_owned()]);
    bag.set_count(1);
    bag.set_code("half");
    bag.set_user(7);
    bag.add_visits(2);
    bag.set_notice("added");
    bag.set_type("gift");
    bag.set_scratch(1);
    let stored = [
        "shop.cart.code",
        "shop.cart.items",
        "shop.cart.n",
        "shop.cart.notice",
        "shop.cart.type",
        "shop.cart.visits",
        "shop.cart.who",
    ];
    assert_eq!(names(&data), stored);
    let (bag, _) = open::<Cart>(data.stored());
    assert_eq!((bag.items(), bag.count(), bag.code().as_deref()), (vec!["pen".to_owned()], 1, Some("half")));
    assert_eq!((bag.user(), bag.visits(), bag.r#type().as_str()), (Some(7), 2, "gift"));
    assert_eq!(bag.take_notice().as_deref(), Some("added"));
}

#[test]
fn a_databag_without_a_namespace_stores_names_as_they_are() {
    let (bag, data) = open::<Bare>(None);
    bag.set_items(["pen".to_owned()]);
    bag.set_count(1);
    assert_eq!(names(&data), ["items", "n"]);
}

#[test]
fn an_alias_is_read_in_the_namespace_and_nowhere_else() {
    let (bag, data) = open::<Bare>(None);
    bag.set_voucher("half");
    let value = saved(&data).get("voucher").unwrap().to_vec();
    let (bag, _) = open::<Cart>(Some(record([("voucher", &value[..])])));
    assert_eq!(bag.code(), None);
    let (bag, data) = open::<Cart>(Some(record([("shop.cart.gift", &value[..])])));
    assert_eq!(bag.code().as_deref(), Some("half"));
    bag.set_code("other");
    assert_eq!(names(&data), ["shop.cart.code", "shop.cart.gift"]);
    bag.clear_code();
    assert_eq!(names(&data), [""; 0]);
}

#[test]
fn databags_that_differ_in_their_namespace_share_no_name() {
    let of_cart: BTreeSet<_> = Cart::FIELDS.iter().flat_map(session_core::Field::names).collect();
    let of_bare: BTreeSet<_> = Bare::FIELDS.iter().flat_map(session_core::Field::names).collect();
    assert!(of_cart.is_disjoint(&of_bare), "{of_cart:?} {of_bare:?}");
    assert!(Cart::FIELDS.is_sorted_by_key(|field| field.name));
}

#[test]
fn fields_of_another_databag_in_the_record_are_left_as_they_are() {
    let (bare, data) = open::<Bare>(None);
    bare.set_count(1);
    let (cart, data) = open::<Cart>(Some(saved(&data)));
    assert_eq!(cart.count(), 0);
    cart.set_count(2);
    let both = saved(&data);
    assert_eq!(open::<Bare>(Some(both.clone())).0.count(), 1);
    assert_eq!(open::<Cart>(Some(both)).0.count(), 2);
}

#[test]
fn accessors_and_debug_name_fields_without_the_namespace() {
    let (bag, data) = open::<Cart>(Some(record([("shop.cart.n", &b"\xff"[..])])));
    assert!(bag.read(|cart| format!("{:?}", (cart.count, &cart.scratch))).starts_with("(0"));
    let shown = bag.read(|cart| format!("{cart:?}"));
    assert!(shown.contains("count: 0") && shown.contains("type: ***") && !shown.contains("shop"), "{shown}");
    let unread = data.unreadable();
    assert_eq!(unread, ["shop.cart.n"], "a warning names what is stored");
}
