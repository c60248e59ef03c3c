//! Fields that a module of the application's own serializes.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::error::CodecError;
use super::value::{Codec, decode, write};

/// How the field at `INDEX` is serialized: by the module that `#[databag(with = "…")]` names.
pub trait With<const INDEX: usize> {
    /// The field's type.
    type Value;

    /// Calls the module's `serialize`.
    ///
    /// # Errors
    ///
    /// The module's own.
    fn serialize<S: Serializer>(value: &Self::Value, serializer: S) -> Result<S::Ok, S::Error>;

    /// Calls the module's `deserialize`.
    ///
    /// # Errors
    ///
    /// The module's own.
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Value, D::Error>;
}

/// [`encode`](crate::codec::encode) for such a field.
///
/// # Errors
///
/// When the module cannot serialize the value, it is too large, or the module could not read it back.
pub fn encode_with<T: With<INDEX>, const INDEX: usize>(
    value: &T::Value,
    codec: Codec,
    version: Option<u32>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let reads = |bytes: &[u8]| decode_with::<T, INDEX>(bytes, version).is_ok();
    write(&Borrowed::<T, INDEX>(value), codec, version, out, reads)
}

/// [`decode`] for such a field.
///
/// # Errors
///
/// When the bytes are not of this version or the module cannot make a value of them.
pub fn decode_with<T: With<INDEX>, const INDEX: usize>(
    bytes: &[u8],
    version: Option<u32>,
) -> Result<T::Value, CodecError> {
    decode(bytes, version).map(|Owned::<T, INDEX>(value)| value)
}

struct Borrowed<'a, T: With<INDEX>, const INDEX: usize>(&'a T::Value);

impl<T: With<INDEX>, const INDEX: usize> Serialize for Borrowed<'_, T, INDEX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self.0, serializer)
    }
}

struct Owned<T: With<INDEX>, const INDEX: usize>(T::Value);

impl<'de, T: With<INDEX>, const INDEX: usize> Deserialize<'de> for Owned<T, INDEX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}
