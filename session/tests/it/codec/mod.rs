//! Encoding and decoding of field values.

mod integers;
mod limits;
mod round_trips;
mod secrets;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use session::__private_0_1_0::{decode, encode};
use session::{Codec, CodecError};
use session_core::value::{INDEXED, KEPT, PRINCIPAL};

pub(crate) const CODECS: [Codec; 3] = [Codec::MessagePack, Codec::Json, Codec::Bincode];

pub(crate) fn encoded<T: Serialize + DeserializeOwned>(
    value: &T,
    codec: Codec,
    version: Option<u32>,
) -> Vec<u8> {
    let mut out = Vec::new();
    encode(value, codec, version, &mut out).unwrap();
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[track_caller]
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    for codec in CODECS {
        for version in [None, Some(0), Some(300), Some(u32::MAX)] {
            let bytes = encoded(value, codec, version);
            assert_eq!(&decode::<T>(&bytes, version).unwrap(), value, "{codec:?} {version:?}");
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Shape {
    Unit,
    Newtype(u32),
    Tuple(i8, String),
    Struct { width: u64, label: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, Shape);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Basket {
    owner: Option<u64>,
    items: Vec<(String, u32)>,
    notes: BTreeMap<String, Vec<Shape>>,
    ratio: f64,
    pair: Pair,
    unit: Unit,
}

fn basket() -> Basket {
    Basket {
        owner: Some(7),
        items: vec![("tea".into(), 2), ("\u{1f9c1}\0".into(), u32::MAX)],
        notes: BTreeMap::from([("a".into(), vec![Shape::Unit, Shape::Tuple(-1, "x".into())])]),
        ratio: -0.5,
        pair: Pair(9, Shape::Struct { width: 1 << 40, label: None }),
        unit: Unit,
    }
}

/// Serialized as bytes, not as a sequence.
#[derive(Debug, PartialEq)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Reader)
    }
}

#[test]
fn numbers_survive_at_their_limits() {
    survives(&(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
    survives(&(i8::MAX, i16::MAX, i32::MAX, i64::MAX, i128::MAX));
    survives(&(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX));
    survives(&(0_u8, 0_i64, 250_u64, 251_u64, 65_536_u64, true, false));
    survives(&(f32::MIN_POSITIVE, f64::MAX, f64::MIN, f64::EPSILON, 0.1 + 0.2));
}

#[test]
fn floats_keep_their_bits() {
    for float in [f64::NAN, f64::from_bits(0xfff8_dead_beef_0001), f64::INFINITY, f64::NEG_INFINITY, -0.0] {
        for codec in [Codec::MessagePack, Codec::Bincode] {
            let bytes = encoded(&float, codec, None);
            assert_eq!(decode::<f64>(&bytes, None).unwrap().to_bits(), float.to_bits());
        }
    }
    let bytes = encoded(&-0.0_f64, Codec::Json, None);
    assert_eq!(decode::<f64>(&bytes, None).unwrap().to_bits(), (-0.0_f64).to_bits());
}

#[test]
fn text_and_bytes_survive() {
    survives(&('\0', 'ß', '\u{10ffff}'));
    survives(&[String::new(), "\0nul\0".into(), "👩‍👩‍👧 emoji".into(), "\"quotes\"\\\n".into()]);
    survives(&Bytes((0..=255).collect()));
    let large = Bytes(vec![0xa5; 1 << 20]);
    for codec in [Codec::MessagePack, Codec::Bincode] {
        assert_eq!(decode::<Bytes>(&encoded(&large, codec, None), None).unwrap(), large);
    }
}

#[test]
fn nested_values_survive() {
    survives(&basket());
    survives(&[Shape::Unit, Shape::Newtype(1), Shape::Tuple(-128, String::new())]);
    survives(&vec![vec![vec![1_u8], vec![]], vec![]]);
    survives(&HashMap::from([("outer".to_owned(), HashMap::from([(1_u32, vec![Some(1_i32), None])]))]));
    survives(&BTreeSet::from([3_u64, 1, 2]));
    survives(&((), Unit, [(); 32], [7_u16; 32]));
    survives(&(Duration::new(u64::MAX, 999_999_999), SystemTime::UNIX_EPOCH + Duration::from_millis(1)));
    survives(&("127.0.0.1".parse::<std::net::IpAddr>().unwrap(), std::num::NonZeroU8::MIN));
}

#[test]
fn an_option_of_an_option_keeps_its_three_states_in_bincode() {
    for value in [None, Some(None), Some(Some(1_u8))] {
        let bytes = encoded(&value, Codec::Bincode, None);
        assert_eq!(decode::<Option<Option<u8>>>(&bytes, None).unwrap(), value);
    }
}

/// Returns why `encode` rejects a value.
#[track_caller]
pub(crate) fn refusal<T: Serialize + DeserializeOwned>(value: &T, codec: Codec) -> String {
    let mut out = Vec::new();
    let Err(CodecError::Encode(reason)) = encode(value, codec, None, &mut out) else {
        panic!("it is encoded")
    };
    assert!(out.is_empty(), "half a value was left behind");
    reason.to_string()
}

#[test]
fn what_would_be_read_as_none_is_refused() {
    for codec in [Codec::MessagePack, Codec::Json] {
        assert!(refusal(&Some(None::<u8>), codec).contains("Some(None)"));
        assert!(refusal(&Some(()), codec).contains("Some(None)"));
        assert!(refusal(&vec![Some(Some(None::<u8>))], codec).contains("Some(None)"));
        assert_eq!(decode(&encoded(&Some(Some(1_u8)), codec, None), None).ok(), Some(Some(Some(1_u8))));
    }
    assert!(refusal(&Some(Unit), Codec::Json).contains("Some(None)"));
    assert_eq!(decode(&encoded(&Some(Unit), Codec::MessagePack, None), None).ok(), Some(Some(Unit)));
}

#[test]
fn json_refuses_what_is_no_number() {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(refusal(&float, Codec::Json).contains("NaN"));
        assert!(refusal(&vec![Some((1, float))], Codec::Json).contains("NaN"));
    }
    assert!(refusal(&f32::NAN, Codec::Json).contains("NaN"));
}

#[test]
fn small_wide_numbers_are_read_back_however_many() {
    let many = vec![1_u128; 2_200_000];
    let bytes = encoded(&many, Codec::Bincode, None);
    assert_eq!(decode::<Vec<u128>>(&bytes, None).unwrap().len(), many.len());
}

/// The stored format. A change here orphans every stored session.
#[test]
fn values_are_written_in_these_bytes() {
    let bincode: [(Vec<u8>, &str); 10] = [
        (encoded(&(), Codec::Bincode, None), "01"),
        (encoded(&true, Codec::Bincode, None), "0101"),
        (encoded(&250_u64, Codec::Bincode, None), "01fa"),
        (encoded(&251_u64, Codec::Bincode, None), "01fbfb00"),
        (encoded(&-1_i64, Codec::Bincode, None), "0101"),
        (encoded(&u64::MAX, Codec::Bincode, None), "01fdffffffffffffffff"),
        (encoded(&1.5_f64, Codec::Bincode, None), "01000000000000f83f"),
        (encoded(&"h\u{e9}".to_owned(), Codec::Bincode, None), "010368c3a9"),
        (encoded(&Some('x'), Codec::Bincode, Some(2)), "11020000000178"),
        (
            encoded(&basket(), Codec::Bincode, Some(300)),
            "112c010000010702037465610205f09fa78100fcffffffff010161020002ff017800000000\
             0000e0bf0903fd000000000001000000",
        ),
    ];
    let named: [(Vec<u8>, &str); 12] = [
        (encoded(&(), Codec::MessagePack, None), "04c0"),
        (encoded(&true, Codec::MessagePack, None), "04c3"),
        (encoded(&250_u64, Codec::MessagePack, None), "04ccfa"),
        (encoded(&-1_i64, Codec::MessagePack, None), "04ff"),
        (encoded(&u64::MAX, Codec::MessagePack, None), "04cfffffffffffffffff"),
        (encoded(&250_u128, Codec::MessagePack, None), "04ccfa"),
        (
            encoded(&(1_u128 << 64), Codec::MessagePack, None),
            "0481af3132382d62697420696e7465676572b43138343436373434303733373039353531363136",
        ),
        (encoded(&1.5_f64, Codec::MessagePack, None), "04cb3ff8000000000000"),
        (encoded(&"h\u{e9}".to_owned(), Codec::MessagePack, None), "04a368c3a9"),
        (encoded(&Some('x'), Codec::MessagePack, Some(2)), "1402000000a178"),
        (encoded(&Bytes(vec![1, 2]), Codec::MessagePack, None), "04c4020102"),
        (
            encoded(&basket(), Codec::MessagePack, Some(300)),
            "142c01000086a56f776e657207a56974656d739292a37465610292a5f09fa78100ceffffffffa56e6f74657381a16192a455\
             6e697481a55475706c6592ffa178a5726174696fcbbfe0000000000000a470616972920981a653747275637482a57769\
             647468cf0000010000000000a56c6162656cc0a4756e697490",
        ),
    ];
    for (bytes, golden) in bincode.into_iter().chain(named) {
        assert_eq!(hex(&bytes), golden);
    }
    let json = [
        (encoded(&(), Codec::Json, None), "\u{2}null"),
        (encoded(&0.1_f32, Codec::Json, None), "\u{2}0.10000000149011612"),
        (
            encoded(&i128::MIN, Codec::Json, None),
            "\u{2}{\"128-bit integer\":\"-170141183460469231731687303715884105728\"}",
        ),
        (encoded(&Some('x'), Codec::Json, Some(2)), "\u{12}\u{2}\0\0\0\"x\""),
        (
            encoded(&basket(), Codec::Json, None),
            "\u{2}{\"owner\":7,\"items\":[[\"tea\",2],[\"\u{1f9c1}\\u0000\",4294967295]],\
             \"notes\":{\"a\":[\"Unit\",{\"Tuple\":[-1,\"x\"]}]},\"ratio\":-0.5,\
             \"pair\":[9,{\"Struct\":{\"width\":1099511627776,\"label\":null}}],\"unit\":null}",
        ),
    ];
    for (bytes, golden) in json {
        assert_eq!(String::from_utf8(bytes).unwrap(), golden);
    }
}

#[test]
fn the_tag_says_which_codec_wrote_a_value() {
    let shape = Shape::Struct { width: 1, label: Some("a".into()) };
    for codec in CODECS {
        assert_eq!(decode::<Shape>(&encoded(&shape, codec, None), None).unwrap(), shape);
    }
    assert!(matches!(decode::<u8>(&[], None), Err(CodecError::Malformed)));
    assert!(matches!(decode::<u8>(&[0x05, 1], None), Err(CodecError::UnknownCodec(5))));
    assert!(matches!(decode::<u8>(&[0x21, 1], None), Err(CodecError::Malformed)), "half a deadline");
    assert_eq!(decode::<u8>(&[0x41, 1], None).unwrap(), 1);
    assert_eq!(decode::<u8>(&[0x81, 1], None).unwrap(), 1);
    assert_eq!(decode::<u8>(&[0x61, 0, 0, 0, 0, 0, 0, 0, 0, 1], None).unwrap(), 1);
    assert_eq!(decode::<u8>(b"\x037", None).unwrap(), 7, "what was a counter");
}

#[test]
fn bytes_of_another_version_are_not_read() {
    for (found, expected) in [(None, Some(1)), (Some(1), None), (Some(1), Some(2))] {
        let error = decode::<u8>(&encoded(&1_u8, Codec::Bincode, found), expected).unwrap_err();
        assert!(
            matches!(error, CodecError::Version { found: f, expected: e } if f == found && e == expected),
            "{error:?}"
        );
    }
    assert!(matches!(decode::<u8>(&[0x11, 1, 0, 0], Some(1)), Err(CodecError::Malformed)), "half a version");
}

#[test]
fn every_byte_must_be_used() {
    for codec in CODECS {
        let mut bytes = encoded(&basket(), codec, None);
        bytes.push(b'0');
        assert!(matches!(decode::<Basket>(&bytes, None), Err(CodecError::Malformed)), "{codec:?}");
    }
}

#[test]
fn every_truncation_is_refused() {
    for codec in CODECS {
        let bytes = encoded(&basket(), codec, Some(1));
        for end in 0..bytes.len() {
            assert!(decode::<Basket>(&bytes[..end], Some(1)).is_err(), "{codec:?} up to {end}");
        }
    }
}

#[test]
fn a_flipped_bit_gives_another_value_or_an_error() {
    let bytes = encoded(&basket(), Codec::Bincode, Some(1));
    for flipped in flips(&bytes) {
        // The marks for stores are not part of the value.
        let marks = INDEXED | KEPT | PRINCIPAL;
        if flipped[0] & marks != 0 {
            continue;
        }
        if let Ok(value) = decode::<Basket>(&flipped, Some(1)) {
            assert_ne!(encoded(&value, Codec::Bincode, Some(1)), bytes);
        }
    }
}

#[test]
fn a_flipped_bit_among_names_is_read_without_a_panic() {
    for codec in [Codec::MessagePack, Codec::Json] {
        let refused = flips(&encoded(&basket(), codec, Some(1)))
            .filter(|flipped| decode::<Basket>(flipped, Some(1)).is_err())
            .count();
        assert!(refused > 0, "{codec:?}");
    }
}

fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

#[test]
fn a_value_that_is_too_large_appends_nothing() {
    let mut out = vec![1, 2];
    for codec in CODECS {
        let error = encode(&Bytes(vec![0; 4 << 20]), codec, None, &mut out).unwrap_err();
        assert!(matches!(error, CodecError::TooLarge), "{codec:?}: {error:?}");
        assert_eq!(out, [1, 2]);
    }
    assert!(matches!(decode::<Bytes>(&vec![1; (4 << 20) + 1], None), Err(CodecError::TooLarge)));
}

fn any_shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Unit),
        any::<u32>().prop_map(Shape::Newtype),
        any::<(i8, String)>().prop_map(|(number, text)| Shape::Tuple(number, text)),
        any::<(u64, Option<String>)>().prop_map(|(width, label)| Shape::Struct { width, label }),
    ]
}

proptest! {
    #[test]
    fn any_composite_survives(
        owner: Option<u64>,
        items: Vec<(String, u32)>,
        notes in prop::collection::btree_map(any::<String>(), prop::collection::vec(any_shape(), 0..4), 0..4),
        ratio in prop::num::f64::NORMAL,
        shape in any_shape(),
    ) {
        survives(&Basket { owner, items, notes, ratio, pair: Pair(0, shape), unit: Unit });
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes: Vec<u8>, codec in 1_u8..5) {
        let tagged: Vec<u8> = [codec].into_iter().chain(bytes).collect();
        let _ = decode::<Basket>(&tagged, None);
        let _ = decode::<HashMap<String, Vec<Option<u128>>>>(&tagged, None);
    }
}
