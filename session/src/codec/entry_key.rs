//! Keys of entries as text.

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::error::CodecError;
use super::limits::MAX_KEY;

/// A key that cannot name an entry. It does not contain the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It serializes to something other than a string or an integer.
    NotText,
    /// It has too many bytes.
    TooLong,
}

impl From<KeyError> for CodecError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotText => Self::Key,
            KeyError::TooLong => Self::KeyTooLong,
        }
    }
}

/// Returns the key of an entry as JSON text: a string in quotes, or an integer.
///
/// # Errors
///
/// When it is neither, or too long.
pub fn entry_key<K: Serialize + ?Sized>(key: &K) -> Result<String, KeyError> {
    let text = serde_json::to_string(key).map_err(|_| KeyError::NotText)?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_integer && !text.starts_with('"') {
        return Err(KeyError::NotText);
    }
    if text.len() > MAX_KEY { Err(KeyError::TooLong) } else { Ok(text) }
}

/// Decodes a key.
pub(super) fn decode<K: DeserializeOwned>(text: &str) -> Result<K, CodecError> {
    serde_json::from_str(text).map_err(|_| CodecError::Malformed)
}
