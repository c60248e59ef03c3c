//! A page of a list of sessions, and the cursor of the next one.

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

/// A position in a list, encoded by the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);
