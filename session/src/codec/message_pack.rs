//! The MessagePack format: structs as maps, variants by name, bytes as `bin`.

use rmp_serde::{decode, encode};
use serde::de::{Deserialize as _, DeserializeOwned};
use serde::ser::Serialize;

use session_core::BoxError;

use super::de;
use super::error::SERIALIZE_FAILED;
use super::format::Codec;

pub(super) fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), BoxError> {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
    value.serialize(&mut serializer).map_err(|error| match error {
        encode::Error::Syntax(_) => SERIALIZE_FAILED.into(),
        error => error.into(),
    })
}

pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(payload);
    let value = de::deserialize(&mut deserializer, payload.len(), Codec::MessagePack).ok()?;
    // The deserializer does not report how much it consumed; another read fails when nothing is left.
    match bool::deserialize(&mut deserializer) {
        Err(decode::Error::InvalidMarkerRead(_)) => Some(value),
        _ => None,
    }
}
