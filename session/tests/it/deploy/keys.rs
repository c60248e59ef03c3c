//! Maps with keys of another type in the next version.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use super::shows;

/// A map of one entry.
fn of<K: Ord>(key: K) -> BTreeMap<K, u8> {
    BTreeMap::from([(key, 1)])
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Side {
    #[default]
    Left,
    Right,
}

/// The same names in another order, and one less.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum NextSide {
    #[default]
    None,
    Right,
}

#[tokio::test]
async fn keys_are_the_same_in_another_type_or_the_map_is_the_default() {
    shows! {
        HashMap::from([(7_u64, 1_u8)]) => HashMap<i16, u64>: HashMap::from([(7, 1)]);
        BTreeMap::from([(u128::MAX, i128::MIN), (0, 0)]) => BTreeMap<u128, i128>:
            BTreeMap::from([(u128::MAX, i128::MIN), (0, 0)]);
        of(7_u128) => BTreeMap<u8, u8>: of(7);
        of(7_u8) => BTreeMap<u128, u8>: of(7);
        of(7_u8) => BTreeMap<i128, u8>: of(7);
        of(-7_i128) => BTreeMap<i8, u8>: of(-7);
        of(UserId(7)) => BTreeMap<u64, u8>: of(7);
        of(7_u64) => BTreeMap<UserId, u8>: of(UserId(7));
        of('a') => BTreeMap<String, u8>: of("a".to_owned());
        of("a".to_owned()) => BTreeMap<char, u8>: of('a');
        of(Side::Right) => BTreeMap<NextSide, u8>: of(NextSide::Right);
        of(Some("a".to_owned())) => BTreeMap<String, u8>: of("a".to_owned());
        of("a".to_owned()) => BTreeMap<Option<String>, u8>: of(Some("a".to_owned()));
        of(300_u16) => BTreeMap<u8, u8>;
        of(-1_i8) => BTreeMap<u8, u8>;
        of(-1_i8) => BTreeMap<u128, u8>;
        of(u64::MAX) => BTreeMap<i64, u8>;
        of(u128::MAX) => BTreeMap<u64, u8>;
        of(u128::MAX) => BTreeMap<i128, u8>;
        of("ab".to_owned()) => BTreeMap<char, u8>;
        of("a".to_owned()) => BTreeMap<u64, u8>;
        of("a".to_owned()) => BTreeMap<bool, u8>;
        of("a".to_owned()) => BTreeMap<Side, u8>;
        of(Side::Left) => BTreeMap<NextSide, u8>;
        of(1_u8) => BTreeMap<NextSide, u8>;
        of(1_u8) => BTreeMap<bool, u8>;
        of(true) => BTreeMap<u8, u8>;
        of(97_u8) => BTreeMap<char, u8>;
        of('1') => BTreeMap<(u8,), u8>;
    }
}

#[tokio::test]
async fn keys_of_any_type_are_the_same_or_the_map_is_the_default() {
    shows! { by named;
        BTreeMap::from([((1_u8, "a".to_owned()), 2_u8)]) => BTreeMap<(u64, String), u8>:
            BTreeMap::from([((1, "a".to_owned()), 2)]);
        of(vec![1_u8]) => BTreeMap<(u8,), u8>: of((1,));
        of(vec![1_u8]) => BTreeMap<String, u8>;
        of(Some(1_u8)) => BTreeMap<u64, u8>: of(1);
        of(1_u8) => BTreeMap<Option<u64>, u8>: of(Some(1));
        of(None::<u8>) => BTreeMap<u64, u8>;
        of(u128::MAX) => BTreeMap<String, u8>;
        of(97_u8) => BTreeMap<String, u8>;
        of('7') => BTreeMap<u8, u8>;
        of("7".to_owned()) => BTreeMap<u64, u8>;
        of(true) => BTreeMap<String, u8>;
        of("true".to_owned()) => BTreeMap<bool, u8>;
    }
}

#[tokio::test]
async fn bytes_are_no_names() {
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
    struct Key(Vec<u8>);

    impl Serialize for Key {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Key {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Bytes::deserialize(deserializer).map(|bytes| Self(bytes.0))
        }
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct One {
        a: u8,
    }

    shows! { by named;
        of(Key(b"a".to_vec())) => One;
        of(Key(b"a".to_vec())) => BTreeMap<String, u8>;
        of(Key(b"Right".to_vec())) => BTreeMap<Side, u8>;
        of("a".to_owned()) => BTreeMap<Key, u8>;
    }
}

/// In JSON the name of a member is a string, whatever the type of the key.
#[tokio::test]
async fn keys_of_json_are_texts() {
    shows! { by json;
        of(7_u8) => BTreeMap<String, u8>: of("7".to_owned());
        of('7') => BTreeMap<u8, u8>: of(7);
        of("7".to_owned()) => BTreeMap<u64, u8>: of(7);
        of(true) => BTreeMap<String, u8>: of("true".to_owned());
        of("07".to_owned()) => BTreeMap<u64, u8>;
        of(" 7".to_owned()) => BTreeMap<u64, u8>;
        of("7 ".to_owned()) => BTreeMap<u64, u8>;
        of("+7".to_owned()) => BTreeMap<u64, u8>;
        of("-0".to_owned()) => BTreeMap<u64, u8>;
        of("7.0".to_owned()) => BTreeMap<u64, u8>;
        of("7e0".to_owned()) => BTreeMap<u64, u8>;
        of("True".to_owned()) => BTreeMap<bool, u8>;
        of("300".to_owned()) => BTreeMap<u8, u8>;
        of("07".to_owned()) => BTreeMap<u128, u8>;
        of("7e0".to_owned()) => BTreeMap<u128, u8>;
    }
}
