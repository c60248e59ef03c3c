//! Errors of encoding and decoding do not contain values.

use std::error::Error;
use std::fmt::Write;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use session::__private_0_1_0::{decode, encode};
use session::{Codec, CodecError};

const SECRET: &str = "hunter2";

/// A type whose errors quote its content.
#[derive(Debug)]
struct Chatty;

impl Serialize for Chatty {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(format!("cannot write {SECRET}")))
    }
}

impl<'de> Deserialize<'de> for Chatty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(D::Error::custom(format!("cannot read {text}")))
    }
}

#[derive(Debug, Deserialize)]
enum Known {
    Only,
}

/// Formats an error and its sources in every way.
fn shown(error: &CodecError) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        write!(text, "{error} {error:?} {error:#?} ").unwrap();
        next = error.source();
    }
    text
}

#[test]
fn an_error_of_encoding_does_not_quote_the_value() {
    for codec in [Codec::MessagePack, Codec::Json, Codec::Bincode] {
        let mut out = Vec::new();
        let error = encode(&("before".to_owned(), Chatty), codec, None, &mut out).unwrap_err();
        assert!(!shown(&error).contains(SECRET), "{}", shown(&error));
        assert!(matches!(error, CodecError::Encode(_)));
        assert!(out.is_empty(), "half a value was left behind");
    }
}

#[test]
fn an_error_of_encoding_says_what_the_codec_cannot_write() {
    let keys = std::collections::HashMap::from([((1, 2), 3)]);
    let error = encode(&keys, Codec::Json, None, &mut Vec::new()).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("key must be a string"));
}

#[test]
fn an_error_of_decoding_does_not_quote_the_bytes() {
    for codec in [Codec::MessagePack, Codec::Json, Codec::Bincode] {
        let mut bytes = Vec::new();
        encode(&SECRET.to_owned(), codec, None, &mut bytes).unwrap();
        for error in [
            decode::<Chatty>(&bytes, None).unwrap_err(),
            decode::<Known>(&bytes, None).unwrap_err(),
            decode::<bool>(&bytes, None).unwrap_err(),
            decode::<char>(&bytes, None).unwrap_err(),
        ] {
            assert!(!shown(&error).contains(SECRET), "{}", shown(&error));
        }
    }
}
