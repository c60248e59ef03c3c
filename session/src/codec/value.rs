//! Values of fields to bytes and back, in the codec that their header names.

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use session_core::value::COUNTER;

#[cfg(feature = "bincode")]
use super::bincode;
use super::checked::Tally;
use super::error::{BINCODE, CodecError};
use super::format::{Format, MAX_VALUE};
use super::header::{HAS_VERSION, Value};
use super::{json, message_pack};

const JSON: u8 = 2;
const MESSAGE_PACK: u8 = 4;

/// How a field is written.
///
/// [`MessagePack`](Codec::MessagePack) and [`Json`](Codec::Json) are self-describing: a value that a field's new type
/// reads means the same, or it is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Compact and self-describing: members and variants are written by name, so that they may come, go and change
    /// places, and numbers may become wider.
    #[default]
    MessagePack,
    /// Self-describing text, for values that people read in the store. It has no infinite floats and no NaN.
    Json,
    /// The most compact and positional: members and variants are told apart by their order alone, and a value of another
    /// shape is read as another value. Fields that use it declare a `version`, which changes with their type.
    #[cfg(feature = "bincode")]
    Bincode,
}

impl Codec {
    fn tag(self) -> u8 {
        match self {
            Self::MessagePack => MESSAGE_PACK,
            Self::Json => JSON,
            #[cfg(feature = "bincode")]
            Self::Bincode => BINCODE,
        }
    }

    fn format(self) -> Format {
        match self {
            Self::MessagePack => Format::MessagePack,
            Self::Json => Format::Json,
            #[cfg(feature = "bincode")]
            Self::Bincode => Format::Bincode,
        }
    }
}

/// Appends a field's value.
///
/// # Errors
///
/// When the value cannot be encoded, is too large, or could not be read back; nothing is appended then.
pub fn encode<T: Serialize + DeserializeOwned>(
    value: &T,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    write(value, codec, version, out, |bytes| decode::<T>(bytes, version).is_ok())
}

/// Appends a value, which `reads` reads back.
pub(crate) fn write<T: Serialize>(
    value: &T,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
    reads: impl FnOnce(&[u8]) -> bool,
) -> Result<(), CodecError> {
    let start = out.len();
    out.push(codec.tag() | version.map_or(0, |_| HAS_VERSION));
    if let Some(version) = version {
        out.extend(version.to_le_bytes());
    }
    let tally = Tally::new(codec.format());
    let checked = tally.check(value);
    let written = match codec {
        Codec::MessagePack => message_pack::encode(&checked, out),
        Codec::Json => json::encode(&checked, out),
        #[cfg(feature = "bincode")]
        Codec::Bincode => bincode::encode(&checked, out),
    };
    let written = match written {
        _ if out.len() - start > MAX_VALUE => Err(CodecError::TooLarge),
        Err(reason) => Err(CodecError::Encode(tally.refusal().map_or(reason, Into::into))),
        Ok(()) if tally.is_unusual() && !reads(&out[start..]) => Err(CodecError::Encode(UNREADABLE.into())),
        Ok(()) => Ok(()),
    };
    if written.is_err() {
        out.truncate(start);
    }
    written
}

const UNREADABLE: &str = "it could not be read back: it nests too deep, has too many elements that take no bytes, or takes \
                          too much memory for its bytes";

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
    let decoded = match codec {
        MESSAGE_PACK => message_pack::decode(payload),
        // A field that was a counter: its digits are JSON.
        JSON | COUNTER => json::decode(payload),
        #[cfg(feature = "bincode")]
        BINCODE => bincode::decode(payload),
        unknown => return Err(CodecError::UnknownCodec(unknown)),
    };
    decoded.ok_or(CodecError::Malformed)
}

/// Whether a value that was just encoded is the `None` of an `Option`.
pub(crate) fn is_none(value: &[u8]) -> bool {
    Value::split(value).is_some_and(|value| match value.codec {
        MESSAGE_PACK => value.payload == [0xc0],
        JSON => value.payload == b"null",
        BINCODE => value.payload == [0],
        _ => false,
    })
}
