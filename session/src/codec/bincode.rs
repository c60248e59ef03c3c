//! bincode, and the only file that knows it.

use std::marker::PhantomData;

use bincode::config::standard;
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer};
use serde::ser::Serialize;

use super::error::REFUSED;
use super::format::{Format, MAX_VALUE};
use session_core::BoxError;

use super::bounded;

/// The most that decoding a field may take, as bincode counts it: decoded sizes, for a small `u128` 16 times the bytes.
const MAX_DECODED: usize = 16 * MAX_VALUE;

pub(super) fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), BoxError> {
    bincode::serde::encode_into_writer(value, Appender(out), standard()).map(drop).map_err(
        |error| match error {
            EncodeError::Serde(reason) => EncodeError::Serde(reason).into(),
            _ => REFUSED.into(),
        },
    )
}

pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let config = standard().with_limit::<MAX_DECODED>();
    let seed = Guarded { bytes: payload.len(), output: PhantomData };
    let (value, used) = bincode::serde::seed_decode_from_slice(seed, payload, config).ok()?;
    (used == payload.len()).then_some(value)
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

/// Decodes under the limits that bincode's own do not cover.
struct Guarded<T> {
    bytes: usize,
    output: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Guarded<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        bounded::deserialize(deserializer, self.bytes, Format::Bincode)
    }
}
