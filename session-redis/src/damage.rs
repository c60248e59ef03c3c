//! Damage of stored data: why the value of a key cannot be read.

use session_core::StoreError;

/// Reason of a [`StoreError::Corrupt`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Damage {
    #[error("the key does not hold a hash with the fields of a session")]
    NotASession,
    #[error("the stored deadlines contradict each other")]
    Deadlines,
    #[error("the key does not hold a floor of a revocation list")]
    NotAFloor,
    #[error("the name of a field is not valid UTF-8")]
    Name,
    #[cfg(feature = "seal")]
    #[error("a value was not sealed with a configured key, or was sealed for another session or field")]
    Seal,
    #[cfg(feature = "seal")]
    #[error("fields were removed, added or put back since the session was sealed")]
    Manifest,
}

impl From<Damage> for StoreError {
    fn from(damage: Damage) -> Self {
        Self::Corrupt(damage.into())
    }
}
