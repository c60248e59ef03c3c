//! The bincode format.

use std::marker::PhantomData;

use bincode::config::standard;
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer};
use serde::ser::Serialize;

use session_core::BoxError;

use super::de;
use super::error::SERIALIZE_FAILED;
use super::format::Codec;
use super::limits::MAX_SIZE;

/// The decoding limit in bincode's measure, which counts decoded sizes: a small `u128` is one byte encoded and 16
/// decoded.
const MAX_DECODED: usize = 16 * MAX_SIZE;

pub(super) fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), BoxError> {
    bincode::serde::encode_into_writer(value, Appender(out), standard()).map(drop).map_err(
        |error| match error {
            EncodeError::Serde(reason) => EncodeError::Serde(reason).into(),
            _ => SERIALIZE_FAILED.into(),
        },
    )
}

pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let config = standard().with_limit::<MAX_DECODED>();
    let seed = LimitedSeed { bytes: payload.len(), output: PhantomData };
    let (value, used) = bincode::serde::seed_decode_from_slice(seed, payload, config).ok()?;
    (used == payload.len()).then_some(value)
}

/// A bincode writer that appends to a vector.
struct Appender<'a>(&'a mut Vec<u8>);

impl Writer for Appender<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Applies the limits of [`de`] in addition to bincode's own.
struct LimitedSeed<T> {
    bytes: usize,
    output: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for LimitedSeed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        de::deserialize(deserializer, self.bytes, Codec::Bincode)
    }
}
