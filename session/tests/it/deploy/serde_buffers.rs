//! Values that serde buffers before it knows the type: `flatten`, `untagged` and `tag`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shows;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    x: u64,
    y: u64,
}

/// A struct with one member, of any type, which its owner flattens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Outer<T> {
    #[serde(flatten)]
    inner: Inner<T>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Inner<T> {
    part: T,
}

fn outer<T>(part: T) -> Outer<T> {
    Outer { inner: Inner { part } }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Shape<T> {
    #[default]
    None,
    Of(T),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Side {
    #[default]
    None,
    Left,
    Right(u64),
}

/// A kind by number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Numbered<K> {
    kind: K,
    x: u64,
    y: u64,
}

/// The same by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    #[default]
    None,
    Point {
        x: u64,
        y: u64,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Adjacent<K, T> {
    kind: K,
    content: T,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content")]
enum AdjacentlyTagged {
    #[default]
    None,
    Number(u64),
    Point {
        x: u64,
        y: u64,
    },
}

#[tokio::test]
async fn what_is_buffered_is_the_same_or_the_default() {
    shows! {
        outer(5_u8) => Outer<u64>: outer(5);
        outer(5_u8) => Outer<i64>: outer(5);
        outer(5_u8) => Outer<Option<u64>>: outer(Some(5));
        outer("a".to_owned()) => Outer<char>: outer('a');
        outer(Side::Right(5)) => Outer<Side>: outer(Side::Right(5));
        outer(Point { x: 1, y: 2 }) => Outer<Point>: outer(Point { x: 1, y: 2 });
        outer(Point { x: 1, y: 2 }) => BTreeMap<String, Point>: BTreeMap::from([("part".to_owned(), Point { x: 1, y: 2 })]);
        outer(300_u16) => Outer<u8>;
        outer(-1_i8) => Outer<u64>;
        outer(true) => Outer<u8>;
        outer(1_u8) => Outer<bool>;
        outer(1.0_f64) => Outer<u64>;
        outer("1".to_owned()) => Outer<u64>;
        outer(97_u8) => Outer<char>;
        outer(vec![104_u8, 105]) => Outer<String>;
        outer("hi".to_owned()) => Outer<Vec<u8>>;
        outer((1_u8, 2_u8, 3_u8)) => Outer<(u8, u8)>;
        outer(Some(1_u8)) => Outer<Vec<u8>>;
        Shape::Of(300_u16) => Shape<u8>;
        Shape::Of(5_u8) => Shape<Option<u64>>: Shape::Of(Some(5));
        Numbered { kind: "Point".to_owned(), x: 1, y: 2 } => Tagged: Tagged::Point { x: 1, y: 2 };
        Tagged::Point { x: 1, y: 2 } => Numbered<String>: Numbered { kind: "Point".to_owned(), x: 1, y: 2 };
        Numbered { kind: "Line".to_owned(), x: 1, y: 2 } => Tagged;
        Adjacent { kind: "Number".to_owned(), content: 5_u8 } => AdjacentlyTagged: AdjacentlyTagged::Number(5);
        Adjacent { kind: "Number".to_owned(), content: -5_i8 } => AdjacentlyTagged;
    }
}

#[tokio::test]
async fn members_that_are_buffered_are_not_known_by_their_place() {
    shows! {
        ("Point".to_owned(), (1_u64, 2_u64)) => Tagged;
        ("Point".to_owned(), Point { x: 1, y: 2 }) => Tagged;
        ("Number".to_owned(), 5_u64) => AdjacentlyTagged;
        Adjacent { kind: "Point".to_owned(), content: (1_u64, 2_u64) } => AdjacentlyTagged;
    }
}

#[tokio::test]
async fn variants_that_are_buffered_are_not_known_by_their_place() {
    shows! {
        Adjacent { kind: 1_u8, content: 5_u64 } => AdjacentlyTagged;
        outer(1_u8) => Outer<Side>;
    }
    shows! { by json;
        Numbered { kind: 1_u8, x: 1, y: 2 } => Tagged;
        outer(BTreeMap::from([(2_u8, 5_u64)])) => Outer<Side>;
        Shape::Of(BTreeMap::from([(2_u8, 5_u64)])) => Shape<Side>;
        outer(BTreeMap::from([(0_u8, 1_u64), (1, 2)])) => Outer<Point>;
    }
}
