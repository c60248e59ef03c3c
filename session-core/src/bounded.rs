//! Decoding under a budget.

use serde::de::{DeserializeOwned, Deserializer};

/// Reads a `T` from a deserializer over `bytes` bytes of input.
pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
    bytes: usize,
) -> Result<T, D::Error> {
    let _ = bytes;
    T::deserialize(deserializer)
}
