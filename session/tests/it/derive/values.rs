//! Round trips of values through the record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use session::Databag;

use super::{open, saved};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Shape {
    #[default]
    Unit,
    Tuple(u8, String),
    Named {
        at: Option<i32>,
    },
}

#[derive(Databag)]
struct Kinds {
    least: i64,
    most: u64,
    wide: u128,
    float: f64,
    small: f32,
    letter: char,
    text: String,
    bytes: Vec<u8>,
    some: Option<u32>,
    nested: Vec<Option<Vec<bool>>>,
    map: BTreeMap<String, Vec<Option<u8>>>,
    tuple: Option<Shape>,
    named: Shape,
    moment: Option<std::time::SystemTime>,
}

#[test]
fn every_kind_of_value_survives_the_record() {
    let (bag, data) = open::<Kinds>(None);
    let map = BTreeMap::from([(String::new(), vec![]), ("key".to_owned(), vec![None, Some(7)])]);
    let moment = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(1_234_567_890_123_456_789);
    bag.set_least(i64::MIN);
    bag.set_most(u64::MAX);
    bag.set_wide(u128::MAX);
    bag.set_float(f64::MIN_POSITIVE);
    bag.set_small(1.5);
    bag.set_letter('\u{10FFFF}');
    bag.set_text("zero \0, crab \u{1F980}, e\u{301}");
    bag.set_bytes([0, 255, 128]);
    bag.set_some(u32::MAX);
    bag.set_nested([None, Some(vec![true])]);
    bag.set_map(map.clone());
    bag.set_tuple(Shape::Tuple(1, "one".into()));
    bag.set_named(Shape::Named { at: Some(-1) });
    bag.set_moment(moment);

    let (bag, data) = open::<Kinds>(Some(saved(&data)));
    assert_eq!((bag.least(), bag.most(), bag.wide()), (i64::MIN, u64::MAX, u128::MAX));
    assert_eq!(bag.float().to_bits(), f64::MIN_POSITIVE.to_bits());
    assert_eq!(bag.small().to_bits(), 1.5_f32.to_bits());
    assert_eq!(bag.letter(), '\u{10FFFF}');
    assert_eq!(bag.text(), "zero \0, crab \u{1F980}, e\u{301}");
    assert_eq!(bag.bytes(), [0, 255, 128]);
    assert_eq!((bag.some(), bag.nested()), (Some(u32::MAX), vec![None, Some(vec![true])]));
    assert_eq!(bag.map(), map);
    assert_eq!(bag.tuple(), Some(Shape::Tuple(1, "one".into())));
    assert_eq!(bag.named(), Shape::Named { at: Some(-1) });
    assert_eq!(bag.moment(), Some(moment));
    assert!(data.unreadable().is_empty());
}

#[test]
fn more_than_64_fields_are_kept_apart() {
    macro_rules! many {
        ($($name:ident $setter:ident)*) => {
            #[derive(Databag)]
            struct Many { $($name: String,)* }

            let (bag, data) = open::<Many>(None);
            $(bag.$setter(stringify!($name));)*
            let (bag, _) = open::<Many>(Some(saved(&data)));
            $(assert_eq!(bag.$name(), stringify!($name));)*
            assert!(Many::FIELDS.len() > 64);
        };
    }
    many! {
        a0 set_a0 a1 set_a1 a2 set_a2 a3 set_a3 a4 set_a4 a5 set_a5 a6 set_a6 a7 set_a7 a8 set_a8 a9 set_a9
        b0 set_b0 b1 set_b1 b2 set_b2 b3 set_b3 b4 set_b4 b5 set_b5 b6 set_b6 b7 set_b7 b8 set_b8 b9 set_b9
        c0 set_c0 c1 set_c1 c2 set_c2 c3 set_c3 c4 set_c4 c5 set_c5 c6 set_c6 c7 set_c7 c8 set_c8 c9 set_c9
        d0 set_d0 d1 set_d1 d2 set_d2 d3 set_d3 d4 set_d4 d5 set_d5 d6 set_d6 d7 set_d7 d8 set_d8 d9 set_d9
        e0 set_e0 e1 set_e1 e2 set_e2 e3 set_e3 e4 set_e4 e5 set_e5 e6 set_e6 e7 set_e7 e8 set_e8 e9 set_e9
        f0 set_f0 f1 set_f1 f2 set_f2 f3 set_f3 f4 set_f4 f5 set_f5 f6 set_f6 f7 set_f7 f8 set_f8 f9 set_f9
        g0 set_g0 g1 set_g1 g2 set_g2 g3 set_g3 g4 set_g4 g5 set_g5 g6 set_g6 g7 set_g7 g8 set_g8 g9 set_g9
    }
}
