//! Values read by a type of another shape.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{json, named};

/// Writes by both codecs that know names, and reads as another type.
macro_rules! read_as {
    ($new:ty, $old:expr) => {{
        let shown = named::read_as::<$new, _>($old).await;
        assert_eq!(json::read_as::<$new, _>($old).await.0, shown.0);
        shown
    }};
}

/// Checks that a value is not read, and that the warning names the field.
macro_rules! refused {
    ($($old:expr => $new:ty;)*) => { $({
        for (shown, warnings) in [named::read_as::<$new, _>($old).await, json::read_as::<$new, _>($old).await] {
            let case = stringify!($old => $new);
            assert_eq!(shown, <$new>::default(), "{case}");
            assert_eq!(warnings.len(), 1, "{case}: {warnings:?}");
            assert!(warnings[0].contains("`value`"), "{case}: {warnings:?}");
        }
    })* };
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Role {
    #[default]
    Guest,
    Member,
    Admin,
    Owner(u8),
    Team {
        name: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum NextRole {
    #[default]
    Guest,
    Moderator,
    Team {
        lead: Option<u8>,
        name: String,
    },
    Owner(u64),
    Member,
}

#[tokio::test]
async fn variants_are_known_by_their_names_wherever_they_stand() {
    assert_eq!(read_as!(NextRole, Role::Member), (NextRole::Member, vec![]));
    assert_eq!(read_as!(NextRole, Role::Owner(3)), (NextRole::Owner(3), vec![]));
    let team = NextRole::Team { lead: None, name: "a".into() };
    assert_eq!(read_as!(NextRole, Role::Team { name: "a".into() }), (team, vec![]));
}

#[tokio::test]
async fn a_variant_that_was_removed_or_has_other_content_is_the_default_with_a_warning() {
    refused! {
        Role::Admin => NextRole;
        NextRole::Owner(300) => Role;
        1_u8 => Role;
        1_u64 => NextRole;
        Role::Member => u8;
        BTreeMap::from([("Member".to_owned(), 1_u8)]) => Role;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Size {
    width: u64,
    height: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct NextSize {
    #[serde(default)]
    depth: u64,
    height: u64,
    #[serde(alias = "width", skip_serializing_if = "is_zero")]
    breadth: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Height {
    height: u32,
}

#[tokio::test]
async fn members_are_known_by_their_names_wherever_they_stand() {
    let size = Size { width: 1, height: 2 };
    assert_eq!(read_as!(NextSize, size.clone()), (NextSize { depth: 0, height: 2, breadth: 1 }, vec![]));
    assert_eq!(read_as!(Height, size.clone()), (Height { height: 2 }, vec![]));
    let map = BTreeMap::from([("width".to_owned(), 1_u64), ("height".to_owned(), 2)]);
    assert_eq!(read_as!(Size, map.clone()), (Size { width: 1, height: 2 }, vec![]));
    assert_eq!(read_as!(BTreeMap<String, u64>, Size { width: 1, height: 2 }), (map, vec![]));
}

#[tokio::test]
async fn members_are_not_known_by_their_place() {
    refused! {
        (1_u64, 2_u64) => Size;
        vec![1_u64, 2] => Size;
        [1_u64, 2] => Size;
        BTreeMap::from([(0_u64, 1_u64), (1, 2)]) => Size;
        Height { height: 1 } => Size;
        Pair::Of(1, 2) => NextPair;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Pair {
    #[default]
    None,
    Of(u64, u64),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum NextPair {
    #[default]
    None,
    Of {
        left: u64,
        right: u64,
    },
}

#[tokio::test]
async fn what_is_absent_is_not_empty() {
    refused! {
        vec![None::<String>] => Vec<String>;
        vec![None::<u64>] => Vec<u64>;
        (None::<Vec<u8>>, 1_u8) => (Vec<u8>, u8);
        vec![(), ()] => Vec<bool>;
    }
    assert_eq!(read_as!(Option<String>, "a".to_owned()), (Some("a".to_owned()), vec![]));
    assert_eq!(read_as!(String, Some("a".to_owned())), ("a".to_owned(), vec![]));
    assert_eq!(read_as!(char, "a".to_owned()), ('a', vec![]));
    assert_eq!(read_as!(String, 'a'), ("a".to_owned(), vec![]));
}

#[tokio::test]
async fn text_bytes_lists_and_tuples_are_not_taken_for_each_other() {
    refused! {
        "ab".to_owned() => char;
        vec![104_u8, 105] => String;
        "hi".to_owned() => Vec<u8>;
        (1_u8, 2_u8, 3_u8) => (u8, u8);
        (1_u8, 2_u8) => (u8, u8, u8);
        vec![vec![1_u8]] => Vec<u8>;
        vec![("a".to_owned(), 1_u8)] => BTreeMap<String, u8>;
        BTreeMap::from([("a".to_owned(), 300_u16)]) => BTreeMap<String, u8>;
        BTreeMap::from([(300_u16, 1_u8)]) => BTreeMap<u8, u8>;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Profile {
    id: UserId,
    #[serde(flatten)]
    names: Names,
    #[serde(flatten)]
    more: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Names {
    first: String,
    last: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Point {
        x: i32,
        y: i32,
    },
    #[default]
    Empty,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
    List(Vec<i8>),
}

impl Default for Untagged {
    fn default() -> Self {
        Self::Number(0)
    }
}

#[tokio::test]
async fn what_serde_offers_for_changing_types_works() {
    let profile = Profile {
        id: UserId(7),
        names: Names { first: "Ada".into(), last: None },
        more: BTreeMap::from([("age".into(), 36)]),
    };
    assert_eq!(read_as!(Profile, profile.clone()), (profile.clone(), vec![]));
    assert_eq!(read_as!(Names, profile.clone()), (profile.names, vec![]));
    assert_eq!(read_as!(u64, UserId(7)), (7, vec![]));
    assert_eq!(read_as!(UserId, 7_u64), (UserId(7), vec![]));
    let point = Tagged::Point { x: -1, y: 2 };
    assert_eq!(read_as!(Tagged, point.clone()), (point, vec![]));
    for value in [Untagged::Number(5), Untagged::Text("five".into()), Untagged::List(vec![-5])] {
        assert_eq!(read_as!(Untagged, value.clone()), (value, vec![]));
    }
    assert_eq!(read_as!(Untagged, "text".to_owned()), (Untagged::Text("text".into()), vec![]));
    let keys = HashMap::from([(7_u64, 1_u8)]);
    assert_eq!(read_as!(HashMap<i16, u64>, keys.clone()), (HashMap::from([(7, 1)]), vec![]));
    let wide = BTreeMap::from([(u128::MAX, i128::MIN), (0, 0)]);
    assert_eq!(read_as!(BTreeMap<u128, i128>, wide.clone()), (wide, vec![]));
    let pairs = BTreeMap::from([((1_u8, "a".to_owned()), 2_u8)]);
    let read = named::read_as::<BTreeMap<(u64, String), u8>, _>(pairs).await;
    assert_eq!(read, (BTreeMap::from([((1, "a".to_owned()), 2)]), vec![]));
}
