//! Stored sessions that cannot be read.

use session_core::StoreError;

/// A stored session does not have the format of its library. The text contains none of its values.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the stored session does not have the format of {0}")]
pub(crate) struct Unreadable(pub(crate) &'static str);

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::Corrupt(error.into())
    }
}
