//! Errors of encoding and decoding.

use session_core::BoxError;

use super::format::BINCODE;
use super::limits::{MAX_ENTRIES, MAX_KEY, MAX_SIZE};

/// An error of encoding or decoding a field. It never contains the field's value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The value could not be encoded.
    #[error("the value cannot be encoded")]
    Encode(#[source] BoxError),
    /// The bytes do not decode to the field's type.
    #[error("the bytes are not a value of this field's type")]
    Malformed,
    /// The bytes were written by a codec that this build does not support.
    #[error("the bytes were written by unknown codec {}", codec_name(*.0))]
    UnknownCodec(u8),
    /// The bytes were written under another `version` of the field.
    #[error("the bytes are of version {found:?}, this field reads version {expected:?}")]
    Version {
        /// The version that the bytes carry.
        found: Option<u32>,
        /// The version that the field declares.
        expected: Option<u32>,
    },
    /// The encoded value exceeds the maximum size of a field.
    #[error("the value takes more than {} bytes", MAX_SIZE)]
    TooLarge,
    /// The key of an entry serializes to something other than a string or an integer.
    #[error("the key of an entry serializes to neither a string nor an integer")]
    Key,
    /// The key of an entry exceeds its maximum size.
    #[error("the key of an entry takes more than {} bytes", MAX_KEY)]
    KeyTooLong,
    /// The field has too many entries to add another one.
    #[error("the field has more than {} entries", MAX_ENTRIES)]
    TooManyEntries,
}

/// Returns a codec's number, with the feature that enables it.
fn codec_name(codec: u8) -> String {
    match codec {
        BINCODE => "1, which is bincode: enable the feature `bincode` to read them".to_owned(),
        codec => codec.to_string(),
    }
}

/// Replaces the error of a type's `Serialize` implementation, which may quote the value.
pub(super) const SERIALIZE_FAILED: &str =
    "its `Serialize` returned an error, which is not shown because it may quote the value";
