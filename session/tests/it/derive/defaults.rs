//! Values in a new databag.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use session::Databag;

use super::open;

#[derive(Databag)]
struct Bag {
    #[databag(default)]
    standard: u8,
    #[databag(default = "text")]
    text: String,
    #[databag(default = "text")]
    some_text: Option<Cow<'static, str>>,
    #[databag(default = std::option::Option::Some(3))]
    some: ::core::option::Option<u64>,
    #[databag(default = -5)]
    negative: i64,
    #[databag(default = HashMap::<u8, Vec<u8>>::from([(1, vec![2])]))]
    map: HashMap<u8, Vec<u8>>,
    #[databag(default = if cfg!(any()) { ['a'; 2] } else { ['b'; 2] })]
    branch: [char; 2],
    #[databag(skip, default = Arc::new(|| 7))]
    closure: Arc<dyn Fn() -> u8 + Send + Sync>,
}

#[test]
fn a_default_is_a_converted_text_or_any_expression() {
    let bag = Bag::default();
    assert_eq!((bag.standard, bag.text.as_str(), bag.some_text.as_deref()), (0, "text", Some("text")));
    assert_eq!((bag.some, bag.negative, bag.branch), (Some(3), -5, ['b'; 2]));
    assert_eq!((bag.map[&1].as_slice(), (bag.closure)()), (&[2][..], 7));
}

#[test]
fn an_option_is_set_by_what_it_may_hold_however_its_path_is_written() {
    let (bag, _) = open::<Bag>(None);
    bag.set_some(4);
    bag.set_some_text("other");
    assert_eq!((bag.some(), bag.some_text().as_deref()), (Some(4), Some("other")));
}

#[test]
fn a_struct_written_by_a_macro_is_like_any_other() {
    macro_rules! bag {
        ($($field:ident: $ty:ty = $default:expr),*) => {
            #[derive(Databag)]
            struct WriteOutcome {
                $(#[databag(default = $default)] $field: $ty,)*
            }
        };
    }
    bag!(text: String = "text", some: Option<u64> = Some(1), number: u64 = 2);
    let (bag, _) = open::<WriteOutcome>(None);
    assert_eq!((bag.text().as_str(), bag.some(), bag.number()), ("text", Some(1), 2));
    bag.set_some(3);
    bag.set_number(4);
    assert_eq!((bag.some(), bag.number()), (Some(3), 4));
}
