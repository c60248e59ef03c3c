//! MessagePack: structs as maps, variants by name, bytes as bytes.

use rmp_serde::{decode, encode};
use serde::de::{Deserialize as _, DeserializeOwned};
use serde::ser::Serialize;

use super::error::REFUSED;
use super::format::Format;
use session_core::BoxError;

use super::bounded;

pub(super) fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), BoxError> {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
    value.serialize(&mut serializer).map_err(|error| match error {
        encode::Error::Syntax(_) => REFUSED.into(),
        error => error.into(),
    })
}

pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(payload);
    let value = bounded::deserialize(&mut deserializer, payload.len(), Format::MessagePack).ok()?;
    // There is no telling how much was read, but that nothing is left to read.
    match bool::deserialize(&mut deserializer) {
        Err(decode::Error::InvalidMarkerRead(_)) => Some(value),
        _ => None,
    }
}
