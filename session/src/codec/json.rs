//! JSON.

use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use serde_json::error::Category;

use super::error::REFUSED;
use super::format::Format;
use session_core::BoxError;

use super::bounded;

pub(super) fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), BoxError> {
    serde_json::to_writer(out, value).map_err(|error| match error.classify() {
        Category::Syntax => error.into(),
        _ => REFUSED.into(),
    })
}

pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let mut json = serde_json::Deserializer::from_slice(payload);
    let value = bounded::deserialize(&mut json, payload.len(), Format::Json).ok()?;
    json.end().ok()?;
    Some(value)
}
