//! Values read as a type of another shape.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use super::shows;

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

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Content {
    #[default]
    None,
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct {
        left: u8,
        right: u8,
    },
    Empty {},
}

/// Variants of the same names with other content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum NextContent {
    #[default]
    None,
    Unit(u8),
    Newtype,
    Tuple {
        left: u8,
        right: u8,
    },
    Struct(u8, u8),
    Empty,
}

#[tokio::test]
async fn variants_are_known_by_their_names_wherever_they_stand() {
    shows! {
        Role::Member => NextRole: NextRole::Member;
        Role::Owner(3) => NextRole: NextRole::Owner(3);
        Role::Team { name: "a".into() } => NextRole: NextRole::Team { lead: None, name: "a".into() };
        Role::Member => Option<NextRole>: Some(NextRole::Member);
        vec![Role::Member, Role::Owner(3)] => Vec<NextRole>: vec![NextRole::Member, NextRole::Owner(3)];
    }
}

#[tokio::test]
async fn a_variant_that_was_removed_or_has_other_content_is_the_default_with_a_warning() {
    shows! {
        Role::Admin => NextRole;
        NextRole::Owner(300) => Role;
        1_u8 => Role;
        1_u64 => NextRole;
        Role::Member => u8;
        BTreeMap::from([("Member".to_owned(), 1_u8)]) => Role;
        BTreeMap::from([(3_u8, 1_u8)]) => Role;
        vec!["Member".to_owned()] => Role;
        vec!["Owner".to_owned(), "3".to_owned()] => Role;
        vec![Role::Member, Role::Admin] => Vec<NextRole>;
        Role::Owner(3) => u8;
        Role::Owner(3) => Option<u8>;
        Role::Owner(3) => bool;
        true => Role;
        Some(3_u8) => Role;
        Content::Unit => NextContent;
        Content::Newtype(1) => NextContent;
        Content::Tuple(1, 2) => NextContent;
        Content::Struct { left: 1, right: 2 } => NextContent;
        Content::Empty {} => NextContent;
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

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Optional {
    height: Option<u64>,
    depth: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Swapped {
    height: u64,
    width: u64,
}

/// Each member is stored under the former name of the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Moved {
    #[serde(rename = "height")]
    width: u64,
    #[serde(rename = "width")]
    height: u64,
}

#[tokio::test]
async fn members_are_known_by_their_names_wherever_they_stand() {
    let map = || BTreeMap::from([("width".to_owned(), 1_u64), ("height".to_owned(), 2)]);
    shows! {
        Size { width: 1, height: 2 } => NextSize: NextSize { depth: 0, height: 2, breadth: 1 };
        Size { width: 1, height: 2 } => Height: Height { height: 2 };
        Size { width: 1, height: 2 } => Option<Height>: Some(Height { height: 2 });
        Size { width: 1, height: 2 } => Optional: Optional { height: Some(2), depth: None };
        Size { width: 1, height: 2 } => BTreeMap<String, u64>: map();
        map() => Size: Size { width: 1, height: 2 };
        (Size { width: 1, height: 2 }, 3_u8) => (Height, u8): (Height { height: 2 }, 3);
        vec![Size { width: 1, height: 2 }] => Vec<Height>: vec![Height { height: 2 }];
        Swapped { height: 1, width: 2 } => Size: Size { width: 2, height: 1 };
        Size { width: 1, height: 2 } => Moved: Moved { width: 2, height: 1 };
        Pair::Of(1, 2) => SamePair: SamePair::Of((1, 2));
        SamePair::Of((1, 2)) => Pair: Pair::Of(1, 2);
        NextPair::Of { left: 1, right: 2 } => SameNextPair: SameNextPair::Of(Sides { left: 1, right: 2 });
        SameNextPair::Of(Sides { left: 1, right: 2 }) => NextPair: NextPair::Of { left: 1, right: 2 };
    }
}

#[tokio::test]
async fn members_are_not_known_by_their_place() {
    shows! {
        (1_u64, 2_u64) => Size;
        vec![1_u64, 2] => Size;
        [1_u64, 2] => Size;
        BTreeMap::from([(0_u64, 1_u64), (1, 2)]) => Size;
        Height { height: 1 } => Size;
        Pair::Of(1, 2) => NextPair;
        NextPair::Of { left: 1, right: 2 } => Pair;
        Size { width: 1, height: 2 } => (u64, u64);
        Size { width: 1, height: 2 } => Vec<u64>;
        Size { width: 1, height: 2 } => [u64; 2];
        Size { width: 1, height: 2 } => Vec<(String, u64)>;
        Size { width: 300, height: 2 } => BTreeMap<String, u8>;
        Size { width: 1, height: u64::MAX } => Height;
        Optional { height: None, depth: Some(1) } => Height;
        (5_u64, 6_u32) => Duration;
        Duration::new(5, 6) => (u64, u32);
        Duration::new(5, 6) => u64;
        5_u64 => Duration;
        Some((1_u64, 2_u64)) => Option<Size>;
        vec![(1_u64, 2_u64)] => Vec<Size>;
        BTreeMap::from([("size".to_owned(), (1_u64, 2_u64))]) => BTreeMap<String, Size>;
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

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum SamePair {
    #[default]
    None,
    Of((u64, u64)),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum SameNextPair {
    #[default]
    None,
    Of(Sides),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sides {
    left: u64,
    right: u64,
}

#[tokio::test]
async fn what_is_absent_is_not_empty() {
    shows! {
        vec![None::<String>] => Vec<String>;
        vec![None::<u64>] => Vec<u64>;
        (None::<Vec<u8>>, 1_u8) => (Vec<u8>, u8);
        vec![(), ()] => Vec<bool>;
    }
    shows! {
        "a".to_owned() => Option<String>: Some("a".to_owned());
        Some("a".to_owned()) => String: "a".to_owned();
        "a".to_owned() => char: 'a';
        'a' => String: "a".to_owned();
        '\u{1f600}' => String: "\u{1f600}".to_owned();
        "\u{1f600}".to_owned() => char: '\u{1f600}';
        5_u8 => Option<Option<u8>>: Some(Some(5));
        Some(Some(5_u8)) => u8: 5;
        Some(Some(5_u8)) => Option<i64>: Some(5);
        Some(5_u8) => Option<Option<u8>>: Some(Some(5));
        Some(300_u16) => Option<u8>;
        Some(300_u16) => Option<Option<u8>>;
        vec![Some(1_u8), None] => Vec<Option<Option<u8>>>: vec![Some(Some(1)), None];
        vec![5_u8] => Option<Vec<u8>>: Some(vec![5]);
        Some(vec![5_u8]) => Vec<u64>: vec![5];
        vec![5_u8] => Option<u8>;
        Some(5_u8) => Vec<u8>;
        vec![(), ()] => Vec<Option<u8>>: vec![None, None];
        vec![None::<u8>] => Vec<()>: vec![()];
        vec![Some(1_u8)] => Vec<()>;
        vec![vec![0_u8; 0]] => Vec<Option<u8>>;
        vec![vec![0_u8; 0]] => Vec<()>;
        vec![String::new()] => Vec<Option<String>>: vec![Some(String::new())];
        vec![String::new()] => Vec<char>;
        vec![false] => Vec<Option<bool>>: vec![Some(false)];
    }
}

#[tokio::test]
async fn text_bytes_lists_and_tuples_are_not_taken_for_each_other() {
    shows! {
        "ab".to_owned() => char;
        vec![104_u8, 105] => String;
        "hi".to_owned() => Vec<u8>;
        (1_u8, 2_u8, 3_u8) => (u8, u8);
        (1_u8, 2_u8) => (u8, u8, u8);
        vec![vec![1_u8]] => Vec<u8>;
        vec![("a".to_owned(), 1_u8)] => BTreeMap<String, u8>;
        BTreeMap::from([("a".to_owned(), 300_u16)]) => BTreeMap<String, u8>;
        BTreeMap::from([(300_u16, 1_u8)]) => BTreeMap<u8, u8>;
        Bytes(vec![104, 105]) => String;
        Bytes(vec![97]) => char;
        Bytes(vec![77, 101, 109, 98, 101, 114]) => Role;
        "hi".to_owned() => Bytes;
        'h' => Bytes;
        "hi".to_owned() => Vec<char>;
        vec!['h', 'i'] => String;
        "a".to_owned() => Vec<String>;
        vec!["a".to_owned()] => String;
        (1_u8, "a".to_owned()) => (String, u8);
        (1_u8, 2_u8) => [u8; 3];
        [1_u8, 2, 3] => [u8; 2];
        vec![1_u8, 2, 3] => (u8, u8);
        (1_u8, 300_u16) => (u8, u8);
        (1_u8, 2_u8) => BTreeMap<u8, u8>;
        BTreeMap::from([(1_u8, 2_u8)]) => (u8, u8);
        BTreeMap::from([(1_u8, 2_u8)]) => Vec<u8>;
        BTreeMap::from([(1_u8, 2_u8)]) => Vec<(u8, u8)>;
        Some(5_u8) => NextContent;
    }
}

#[tokio::test]
async fn elements_are_the_same_in_every_collection_that_has_room_for_them() {
    shows! {
        vec![1_u8, 2] => (u64, i8): (1, 2);
        (1_u8, 2_u8) => Vec<u64>: vec![1, 2];
        [1_u8, 2] => VecDeque<u64>: VecDeque::from([1, 2]);
        vec![2_u8, 1] => BTreeSet<i64>: BTreeSet::from([1, 2]);
        BTreeSet::from([1_u8, 2]) => [u64; 2]: [1, 2];
        (5_u8,) => Vec<u8>: vec![5];
        vec![5_u8] => (u8,): (5,);
        (1_u8, "a".to_owned()) => (u64, char): (1, 'a');
        vec!["a".to_owned()] => Vec<char>: vec!['a'];
        vec![vec![1_u8]] => Vec<(u8,)>: vec![(1,)];
        BTreeMap::from([("a".to_owned(), 1_u8)]) => BTreeMap<String, Option<u64>>: BTreeMap::from([("a".to_owned(), Some(1))]);
        1_u128 << 100 => Option<u128>: Some(1 << 100);
        vec![u128::MAX, 1] => (u128, u8): (u128::MAX, 1);
        Bytes(vec![1, 2]) => Option<Bytes>: Some(Bytes(vec![1, 2]));
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
    let profile = || Profile {
        id: UserId(7),
        names: Names { first: "Ada".into(), last: None },
        more: BTreeMap::from([("age".into(), 36)]),
    };
    shows! {
        profile() => Profile: profile();
        profile() => Names: profile().names;
        UserId(7) => u64: 7;
        7_u64 => UserId: UserId(7);
        UserId(7) => Option<u64>: Some(7);
        UserId(7) => Option<UserId>: Some(UserId(7));
        vec![UserId(7)] => Vec<u8>: vec![7];
        UserId(300) => u8;
        "7".to_owned() => UserId;
        (7_u64,) => UserId;
        Tagged::Point { x: -1, y: 2 } => Tagged: Tagged::Point { x: -1, y: 2 };
        Untagged::Number(5) => Untagged: Untagged::Number(5);
        Untagged::Text("five".into()) => Untagged: Untagged::Text("five".into());
        Untagged::List(vec![-5]) => Untagged: Untagged::List(vec![-5]);
        "text".to_owned() => Untagged: Untagged::Text("text".into());
        -5_i64 => Untagged;
        vec![300_u16] => Untagged;
    }
}
