//! The JSON format.

use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use serde_json::error::Category;
use session_core::BoxError;

use super::de;
use super::error::SERIALIZE_FAILED;
use super::format::Codec;

pub(super) fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), BoxError> {
    serde_json::to_writer(out, value).map_err(|error| match error.classify() {
        Category::Syntax => error.into(),
        _ => SERIALIZE_FAILED.into(),
    })
}

pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let mut json = serde_json::Deserializer::from_slice(payload);
    let value = de::deserialize(&mut json, payload.len(), Codec::Json).ok()?;
    json.end().ok()?;
    Some(value)
}
