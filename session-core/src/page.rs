//! A page of a list of sessions, and the cursor of the next one.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Record;

/// A page of live records, and where the next page starts.
#[doc(alias = "pagination")]
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records of this page.
    pub records: Vec<Record>,
    /// Where the next page starts; `None` on the last page.
    pub next: Option<Cursor>,
}

/// A position in a list, encoded by the store. Its text, for the link to the next page, is base64url.
///
/// ```
/// use session_core::Cursor;
///
/// let cursor = Cursor(vec![1, 2, 3]);
/// assert_eq!(cursor.to_string().parse(), Ok(cursor));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

/// The error of parsing text that is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is text in base64url")]
pub struct ParseCursorError;

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(|_| ParseCursorError)
    }
}
