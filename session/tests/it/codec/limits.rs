//! Small inputs that claim much memory or are deeply nested.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::thread;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use session::__private_0_1_0::{decode, encode};
use session::{Codec, CodecError};

use crate::codec::{CODECS, encoded, refusal};

/// The lengths 3·10⁹ and 2⁶⁴ − 1 in bincode.
const CLAIMS: [&[u8]; 2] =
    [&[1, 252, 0x00, 0x5e, 0xd0, 0xb2], &[1, 253, 255, 255, 255, 255, 255, 255, 255, 255]];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Unit;

/// A type whose values take no bytes.
type Units = [(); 32];

#[derive(Debug, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

#[derive(Debug, Deserialize)]
struct Nest(#[expect(dead_code, reason = "decoded for its depth")] Vec<Nest>);

#[derive(Debug, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Newtype(Box<Tree>),
    Tuple(u8, Box<Tree>),
    Struct { child: Box<Tree> },
    Map(BTreeMap<u8, Tree>),
}

#[track_caller]
fn refused<T: DeserializeOwned + std::fmt::Debug>(bytes: &[u8]) {
    let outcome = decode::<T>(bytes, None);
    assert!(matches!(outcome, Err(CodecError::Malformed)), "{outcome:?}");
}

/// Repeats the bytes of one level sixteen thousand times.
fn deep(tag: u8, level: &[u8]) -> Vec<u8> {
    [tag].into_iter().chain(level.repeat(16_000)).collect()
}

#[test]
#[expect(clippy::zero_sized_map_values, reason = "entries that take no byte are what is claimed")]
fn claimed_elements_without_bytes_are_refused_at_once() {
    for claim in CLAIMS {
        refused::<Vec<()>>(claim);
        refused::<Vec<Unit>>(claim);
        refused::<Vec<[(); 32]>>(claim);
        refused::<Vec<((), Unit)>>(claim);
        refused::<HashMap<(), Units>>(claim);
        refused::<BTreeMap<Unit, Units>>(claim);
        refused::<HashSet<()>>(claim);
    }
}

#[test]
fn claims_add_up_over_the_whole_input() {
    let inner = [251, 0xe8, 0x03].repeat(1_000);
    let bytes: Vec<u8> = [1, 251, 0xe8, 0x03].into_iter().chain(inner).collect();
    refused::<Vec<Vec<()>>>(&bytes);
}

#[test]
fn claimed_lengths_beyond_the_input_are_refused() {
    for claim in CLAIMS {
        refused::<String>(claim);
        refused::<Box<str>>(claim);
        refused::<Vec<u8>>(claim);
        refused::<Vec<[u64; 32]>>(claim);
        refused::<HashMap<String, u64>>(claim);
    }
    // 2³² − 1 characters, bytes, elements, entries.
    refused::<String>(&[4, 0xdb, 255, 255, 255, 255]);
    refused::<String>(&[4, 0xc6, 255, 255, 255, 255]);
    refused::<Vec<[u64; 32]>>(&[4, 0xdd, 255, 255, 255, 255]);
    refused::<HashMap<String, u64>>(&[4, 0xdf, 255, 255, 255, 255]);
    // 30 MiB: within what bincode would preallocate.
    refused::<String>(&[1, 252, 0, 0, 0xe0, 0x01]);
}

#[test]
fn a_thousand_elements_without_bytes_are_fine() {
    let units = vec![(); 1_000];
    assert_eq!(decode::<Vec<()>>(&encoded(&units, Codec::Bincode, None), None).unwrap(), units);
    let rows = vec![vec![[1_u8; 2]; 300]; 300];
    assert_eq!(decode::<Vec<Vec<[u8; 2]>>>(&encoded(&rows, Codec::Bincode, None), None).unwrap(), rows);
    let flags = HashSet::from([1_u8, 2]);
    assert_eq!(decode::<HashSet<u8>>(&encoded(&flags, Codec::Bincode, None), None).unwrap(), flags);
}

#[test]
fn deep_bincode_is_refused() {
    refused::<Chain>(&deep(1, &[1]));
    refused::<Nest>(&deep(1, &[1]));
    refused::<Tree>(&deep(1, &[1]));
    refused::<Tree>(&deep(1, &[2, 7]));
    refused::<Tree>(&deep(1, &[3]));
    refused::<Tree>(&deep(1, &[4, 1, 7]));
}

#[test]
fn deep_json_is_refused() {
    refused::<Nest>(&deep(2, b"["));
    refused::<Tree>(&deep(2, b"{\"Newtype\":"));
    refused::<Tree>(&deep(2, b"{\"Tuple\":[1,"));
    refused::<Tree>(&deep(2, b"{\"Struct\":{\"child\":"));
    refused::<Tree>(&deep(2, b"{\"Map\":{\"1\":"));
}

#[test]
fn deep_message_pack_is_refused() {
    refused::<Chain>(&deep(4, &[0x91]));
    refused::<Nest>(&deep(4, &[0x91]));
    refused::<Tree>(&deep(4, b"\x81\xa7Newtype"));
    refused::<Tree>(&deep(4, b"\x81\xa5Tuple\x92\x01"));
    refused::<Tree>(&deep(4, b"\x81\xa6Struct\x81\xa5child"));
    refused::<Tree>(&deep(4, b"\x81\xa3Map\x81\x01"));
}

#[test]
fn options_that_take_no_byte_do_not_nest_forever() {
    refused::<Chain>(&[2, b'1']);
}

#[test]
fn sixty_levels_of_options_are_fine() {
    let mut chain = Chain(None);
    for _ in 0..60 {
        chain = Chain(Some(Box::new(chain)));
    }
    decode::<Chain>(&encoded(&chain, Codec::Bincode, None), None).unwrap();
}

/// A struct of about a kilobyte that nests in an enum, an option and a map.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Comment {
    names: [String; 16],
    numbers: [u128; 32],
    tags: Vec<String>,
    answers: BTreeMap<u8, Answer>,
    parent: Option<Box<Comment>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "to fill the stack")]
enum Answer {
    Text { author: String, comment: Comment },
    Numbers([u64; 32], Box<Answer>),
}

/// Returns how often a value can be nested before it is rejected. Whatever is encoded is decoded again.
fn deepest<T: Serialize + DeserializeOwned>(codec: Codec, mut value: T, grow: fn(T) -> T) -> usize {
    let mut depth = 0;
    let mut bytes = Vec::new();
    while encode(&value, codec, None, &mut bytes).is_ok() {
        decode::<T>(&bytes, None).unwrap();
        bytes.clear();
        value = grow(value);
        depth += 1;
    }
    depth
}

/// A worker thread of tokio has two megabytes; the application may use one of them.
#[test]
fn the_deepest_value_fits_half_the_stack_of_a_worker() {
    let work = || {
        for codec in CODECS {
            let parent = |comment| Comment { parent: Some(Box::new(comment)), ..Comment::default() };
            let answer = |comment| {
                let answer = Answer::Text { author: "me".into(), comment };
                Comment { answers: BTreeMap::from([(7, answer)]), ..Comment::default() }
            };
            let numbers = |inner| Answer::Numbers([7; 32], Box::new(inner));
            let text = Answer::Text { author: String::new(), comment: Comment::default() };
            let depths = [
                deepest(codec, Comment::default(), parent),
                deepest(codec, Comment::default(), answer),
                deepest(codec, text, numbers),
            ];
            assert_eq!(depths, [25, 10, 15], "{codec:?}");
        }
    };
    thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn what_is_too_deep_is_not_encoded() {
    let tree = (0..1_000).fold(Tree::Leaf, |tree, _| Tree::Newtype(Box::new(tree)));
    let comments = (0..100).fold(Comment::default(), |comment, _| Comment {
        parent: Some(Box::new(comment)),
        ..Comment::default()
    });
    for codec in CODECS {
        assert!(refusal(&tree, codec).contains("nests"), "{codec:?}");
        assert!(refusal(&comments, codec).contains("nests"), "{codec:?}");
    }
}

#[test]
fn elements_without_bytes_are_encoded_as_long_as_they_are_read_back() {
    assert!(refusal(&vec![(); 5_000], Codec::Bincode).contains("take no bytes"));
    for codec in [Codec::MessagePack, Codec::Json] {
        let units = vec![(); 5_000];
        assert_eq!(decode::<Vec<()>>(&encoded(&units, codec, None), None).unwrap(), units);
    }
}
