//! Fields with `#[databag(with = "…")]`: encoding with custom `serialize` and `deserialize` functions.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::error::CodecError;
use super::format::Codec;
use super::value::{decode, encode_verified};

/// The `serialize` and `deserialize` functions of the field at `INDEX`, from the module that `#[databag(with = "…")]`
/// names.
pub trait With<const INDEX: usize> {
    /// The field's type.
    type Value;

    /// Calls the module's `serialize`.
    ///
    /// # Errors
    ///
    /// Those of the module.
    fn serialize<S: Serializer>(value: &Self::Value, serializer: S) -> Result<S::Ok, S::Error>;

    /// Calls the module's `deserialize`.
    ///
    /// # Errors
    ///
    /// Those of the module.
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Value, D::Error>;
}

/// Encodes a value by the field's module and appends it to `out`.
///
/// # Errors
///
/// When the module returns an error, or the value is too large or could not be decoded again.
pub fn encode_with<T: With<INDEX>, const INDEX: usize>(
    value: &T::Value,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let decodes = |bytes: &[u8]| decode_with::<T, INDEX>(bytes, version).is_ok();
    encode_verified(&SerializeWith::<T, INDEX>(value), codec, version, out, decodes)
}

/// Decodes a value by the field's module.
///
/// # Errors
///
/// When the bytes are of another version, or the module returns an error.
pub fn decode_with<T: With<INDEX>, const INDEX: usize>(
    bytes: &[u8],
    version: Option<u32>,
) -> Result<T::Value, CodecError> {
    decode(bytes, version).map(|DeserializeWith::<T, INDEX>(value)| value)
}

struct SerializeWith<'a, T: With<INDEX>, const INDEX: usize>(&'a T::Value);

impl<T: With<INDEX>, const INDEX: usize> Serialize for SerializeWith<'_, T, INDEX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self.0, serializer)
    }
}

struct DeserializeWith<T: With<INDEX>, const INDEX: usize>(T::Value);

impl<'de, T: With<INDEX>, const INDEX: usize> Deserialize<'de> for DeserializeWith<T, INDEX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}
