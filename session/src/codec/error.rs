//! Errors of encoding and decoding.

use session_core::BoxError;

use super::format::MAX_VALUE;

/// The codec number of bincode, which an error names also where the feature is off.
pub(super) const BINCODE: u8 = 1;

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
    #[error("the bytes were written by unknown codec {}", name(*.0))]
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

/// A codec as an error names it.
fn name(codec: u8) -> String {
    match codec {
        BINCODE => "1, which is bincode: enable the feature `bincode` to read them".to_owned(),
        codec => codec.to_string(),
    }
}

/// Stands for what a type's own `Serialize` had to say, which may quote the value.
pub(super) const REFUSED: &str =
    "its `Serialize` refused it, for a reason not shown because it may quote the value";
