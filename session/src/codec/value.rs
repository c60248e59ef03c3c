//! Encoding and decoding of a field's value with its header.

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use session_core::value::COUNTER;

#[cfg(feature = "bincode")]
use super::bincode;
use super::error::CodecError;
use super::format::{BINCODE, Codec, JSON, MESSAGE_PACK};
use super::header::{EncodedValue, HAS_VERSION};
use super::limits::MAX_SIZE;
use super::ser::Checker;
use super::{json, message_pack};

/// Encodes a field's value and appends it to `out`.
///
/// # Errors
///
/// When the value cannot be encoded, is too large, or could not be decoded again; nothing is appended then.
pub fn encode<T: Serialize + DeserializeOwned>(
    value: &T,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    encode_verified(value, codec, version, out, |bytes| decode::<T>(bytes, version).is_ok())
}

/// Encodes a value and appends it to `out`. `decodes` verifies the bytes where the checks during encoding are
/// insufficient.
pub(super) fn encode_verified<T: Serialize>(
    value: &T,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
    decodes: impl FnOnce(&[u8]) -> bool,
) -> Result<(), CodecError> {
    let start = out.len();
    out.push(codec.number() | version.map_or(0, |_| HAS_VERSION));
    if let Some(version) = version {
        out.extend(version.to_le_bytes());
    }
    let checker = Checker::new(codec);
    let value = checker.check(value);
    let encoded = match codec {
        Codec::MessagePack => message_pack::encode(&value, out),
        Codec::Json => json::encode(&value, out),
        #[cfg(feature = "bincode")]
        Codec::Bincode => bincode::encode(&value, out),
    };
    let encoded = match encoded {
        _ if out.len() - start > MAX_SIZE => Err(CodecError::TooLarge),
        Err(reason) => Err(CodecError::Encode(checker.refusal().map_or(reason, Into::into))),
        Ok(()) if checker.needs_verification() && !decodes(&out[start..]) => {
            Err(CodecError::Encode(NOT_DECODABLE.into()))
        }
        Ok(()) => Ok(()),
    };
    if encoded.is_err() {
        out.truncate(start);
    }
    encoded
}

const NOT_DECODABLE: &str = "it could not be decoded again: it nests too deep, has too many elements that take no bytes, or takes \
                          too much memory for its bytes";

/// Decodes a field's value by the codec that encoded it. Trailing bytes are an error.
///
/// # Errors
///
/// When the bytes are not a value of this type and version, or exceed the limits of decoding.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], expected: Option<u32>) -> Result<T, CodecError> {
    if bytes.len() > MAX_SIZE {
        return Err(CodecError::TooLarge);
    }
    let EncodedValue { codec, version: found, payload, .. } =
        EncodedValue::split(bytes).ok_or(CodecError::Malformed)?;
    if found != expected {
        return Err(CodecError::Version { found, expected });
    }
    let decoded = match codec {
        MESSAGE_PACK => message_pack::decode(payload),
        // The digits of a counter are a JSON number.
        JSON | COUNTER => json::decode(payload),
        #[cfg(feature = "bincode")]
        BINCODE => bincode::decode(payload),
        unknown => return Err(CodecError::UnknownCodec(unknown)),
    };
    decoded.ok_or(CodecError::Malformed)
}

/// Returns a stored value as JSON, for administration tools that do not know the databag.
///
/// `None` for a value that cannot be read without its type: bytes, and everything encoded as bincode. Values of `secret`
/// fields look like any other; show only those that are [indexed](session_core::value::is_indexed), by which
/// sessions are found.
///
/// ```
/// # use session::{Databag, MemoryStore, SessionManager, Store};
/// # use session::store::value_as_json;
/// #[derive(Databag)]
/// struct UserSession {
///     #[databag(principal)]
///     user_id: Option<u64>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let session = SessionManager::<UserSession>::new(store.clone()).create().await?;
/// session.data.set_user_id(7);
/// session.save().await?;
///
/// let now = std::time::SystemTime::now().into();
/// let records = store.list(None, 10, now).await?.records;
/// assert_eq!(value_as_json(records[0].get("user_id").unwrap()).as_deref(), Some("7"));
/// # Ok(())
/// # }
/// ```
pub fn value_as_json(value: &[u8]) -> Option<String> {
    let EncodedValue { codec, payload, .. } =
        EncodedValue::split(value).filter(|_| value.len() <= MAX_SIZE)?;
    let json: serde_json::Value = match codec {
        MESSAGE_PACK => message_pack::decode(payload),
        JSON | COUNTER => json::decode(payload),
        _ => None,
    }?;
    Some(json.to_string())
}

/// Whether the encoded value of an `Option` is `None`.
pub(crate) fn is_none(value: &[u8]) -> bool {
    EncodedValue::split(value).is_some_and(|value| match value.codec {
        MESSAGE_PACK => value.payload == [0xc0],
        JSON => value.payload == b"null",
        BINCODE => value.payload == [0],
        _ => false,
    })
}
