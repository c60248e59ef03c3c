//! Values that are stored as texts in JSON.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The values of a session whose values are texts in JSON.
pub(super) fn parse(texts: HashMap<String, String>) -> Option<Map<String, Value>> {
    let parse_value = |(name, text): (String, String)| Some((name, serde_json::from_str(&text).ok()?));
    texts.into_iter().map(parse_value).collect()
}
