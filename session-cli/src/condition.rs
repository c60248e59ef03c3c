//! Conditions on the value of a field.

use std::str::FromStr;

use session::Record;
use session::store::{is_indexed, value_as_json};

/// `FIELD=VALUE`: an indexed field, and its value as JSON or, for a text, as it is.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) field: String,
    value: String,
}

impl Condition {
    /// Returns the stored value of the field in this record, if it meets the condition.
    pub(crate) fn held_by<'a>(&self, record: &'a Record) -> Option<&'a [u8]> {
        record.get(&self.field).filter(|stored| is_indexed(stored) && self.accepts(stored))
    }

    fn accepts(&self, stored: &[u8]) -> bool {
        let Some(json) = value_as_json(stored) else { return false };
        json == self.value || serde_json::from_str::<String>(&json).is_ok_and(|text| text == self.value)
    }
}

impl FromStr for Condition {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, value) =
            text.split_once('=').ok_or("write the name of a field, `=` and its value: `user_id=7`")?;
        Ok(Self { field: field.to_owned(), value: value.to_owned() })
    }
}
