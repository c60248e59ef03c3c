//! How one field becomes bytes, and the only file that knows bincode.
//!
//! A value is a tag, perhaps a version, and what the codec wrote. The tag's low four bits name the codec, so
//! that bytes are read as they were written whatever a field asks for today; the next bit says that a version
//! follows, in LEB128.

use std::marker::PhantomData;

use bincode::error::EncodeError;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer};
use serde::ser::Serialize;
use serde_json::error::Category;

use crate::BoxError;
use crate::bounded;
use crate::wire::{put_varint, take_array, take_varint};

/// The most bytes that one field may take.
pub(crate) const MAX_VALUE: usize = 4 << 20;
/// The most that decoding a field may take, as bincode counts it: decoded sizes, for a small `u128` 16 times the bytes.
const MAX_DECODED: usize = 16 * MAX_VALUE;

const CODEC_BITS: u8 = 0b0000_1111;
const HAS_VERSION: u8 = 0b0001_0000;
const COUNTER: u8 = 3;

/// How a field is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Compact and positional: members of a nested struct are told apart by their order alone.
    #[default]
    Bincode,
    /// Larger and self-describing: members of a nested struct may come, go and change places. It knows no infinite
    /// floats and no NaN.
    Json,
}

impl Codec {
    fn tag(self) -> u8 {
        match self {
            Self::Bincode => 1,
            Self::Json => 2,
        }
    }
}

/// Why a field could not be encoded or decoded. It never contains what the field holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The value could not be encoded.
    #[error("the value cannot be encoded")]
    Encode(#[source] BoxError),
    /// The bytes do not decode to the field's type.
    #[error("the bytes are not a value of this field's type")]
    Malformed,
    /// The bytes were written by a codec that this version does not know.
    #[error("the bytes were written by unknown codec {0}")]
    UnknownCodec(u8),
    /// The bytes were written under another `version` of the field.
    #[error("the bytes are of version {found:?}, this field reads version {expected:?}")]
    Version {
        /// The version that the bytes carry.
        found: Option<u32>,
        /// The version that the field declares.
        expected: Option<u32>,
    },
    /// The value takes more bytes than a field may.
    #[error("the value takes more than {} bytes", MAX_VALUE)]
    TooLarge,
}

/// Appends a field's value.
///
/// # Errors
///
/// When the value cannot be encoded or is too large; nothing is appended then.
pub fn encode<T: Serialize + ?Sized>(
    value: &T,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let start = out.len();
    out.push(codec.tag() | version.map_or(0, |_| HAS_VERSION));
    if let Some(version) = version {
        put_varint(out, version.into());
    }
    let written = match codec {
        Codec::Bincode => bincode::serde::encode_into_std_write(value, out, bincode::config::standard())
            .map_err(|error| match error {
                EncodeError::Serde(reason) => CodecError::Encode(EncodeError::Serde(reason).into()),
                _ => refused(),
            })
            .map(drop),
        Codec::Json => serde_json::to_writer(&mut *out, value).map_err(|error| match error.classify() {
            Category::Syntax => CodecError::Encode(error.into()),
            _ => refused(),
        }),
    };
    let written = written.and_then(|()| match out.len() - start {
        0..=MAX_VALUE => Ok(()),
        _ => Err(CodecError::TooLarge),
    });
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Stands for what a type's own `Serialize` had to say, which may quote the value.
fn refused() -> CodecError {
    CodecError::Encode(
        "its `Serialize` refused it, for a reason not shown because it may quote the value".into(),
    )
}

/// Reads a field's value, whichever codec wrote it. Every byte must be used.
///
/// # Errors
///
/// When the bytes are not a value of this type and version, or decoding them would take too much.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], expected: Option<u32>) -> Result<T, CodecError> {
    if bytes.len() > MAX_VALUE {
        return Err(CodecError::TooLarge);
    }
    let (codec, found, payload) = split(bytes).ok_or(CodecError::Malformed)?;
    if found != expected {
        return Err(CodecError::Version { found, expected });
    }
    match codec {
        1 => {
            let config = bincode::config::standard().with_limit::<MAX_DECODED>();
            let seed = Guarded { bytes: payload.len(), output: PhantomData };
            let (value, used) = bincode::serde::seed_decode_from_slice(seed, payload, config)
                .map_err(|_| CodecError::Malformed)?;
            if used == payload.len() { Ok(value) } else { Err(CodecError::Malformed) }
        }
        2 => {
            let mut json = serde_json::Deserializer::from_slice(payload);
            bounded::deserialize(&mut json, payload.len())
                .and_then(|value| json.end().map(|()| value))
                .map_err(|_| CodecError::Malformed)
        }
        unknown => Err(CodecError::UnknownCodec(unknown)),
    }
}

fn split(mut bytes: &[u8]) -> Option<(u8, Option<u32>, &[u8])> {
    let [tag] = take_array(&mut bytes)?;
    let version = match tag & !CODEC_BITS {
        0 => None,
        HAS_VERSION => Some(u32::try_from(take_varint(&mut bytes)?).ok()?),
        _ => return None,
    };
    Some((tag & CODEC_BITS, version, bytes))
}

/// Decodes under the limits that bincode's own do not cover.
struct Guarded<T> {
    bytes: usize,
    output: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Guarded<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        bounded::deserialize(deserializer, self.bytes)
    }
}

/// A counter's value after an addition: its tag and the number in decimal digits, so that a store can add without
/// knowing a codec. What is not a counter counts as zero.
pub(crate) fn add_to_counter(old: Option<&[u8]>, by: i64, min: i64, max: i64) -> Vec<u8> {
    let number = old.and_then(read_counter).unwrap_or(0).saturating_add(by).clamp(min.min(max), max);
    let mut value = vec![COUNTER];
    value.extend_from_slice(number.to_string().as_bytes());
    value
}

fn read_counter(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(&[COUNTER])?;
    str::from_utf8(digits).ok()?.parse().ok()
}
