//! How one field becomes bytes, and the only file that knows bincode.
//!
//! A value is a header ([`Value`]) and what the codec wrote. The header names the codec, so that bytes are read as they
//! were written whatever a field asks for today.

use std::marker::PhantomData;

use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer};
use serde::ser::Serialize;
use serde_json::error::Category;

use crate::value::{COUNTER, HAS_VERSION, Value};
use crate::wire::put_varint;
use crate::{BoxError, bounded};

/// The most bytes that one field may take.
pub(crate) const MAX_VALUE: usize = 4 << 20;
/// The most that decoding a field may take, as bincode counts it: decoded sizes, for a small `u128` 16 times the bytes.
const MAX_DECODED: usize = 16 * MAX_VALUE;

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
        Codec::Bincode => {
            bincode::serde::encode_into_writer(value, Appender(out), bincode::config::standard()).map_err(
                |error| match error {
                    EncodeError::Serde(reason) => CodecError::Encode(EncodeError::Serde(reason).into()),
                    _ => refused(),
                },
            )
        }
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

/// Where bincode writes to.
struct Appender<'a>(&'a mut Vec<u8>);

impl Writer for Appender<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
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
    let Value { codec, version: found, payload, .. } = Value::split(bytes).ok_or(CodecError::Malformed)?;
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
        // A field that was a counter: its digits are JSON.
        2 | COUNTER => {
            let mut json = serde_json::Deserializer::from_slice(payload);
            bounded::deserialize(&mut json, payload.len())
                .and_then(|value| json.end().map(|()| value))
                .map_err(|_| CodecError::Malformed)
        }
        unknown => Err(CodecError::UnknownCodec(unknown)),
    }
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
