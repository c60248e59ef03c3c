//! What goes wrong in a store.

/// The cause of an error, whatever its type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a store could not do what was asked.
///
/// That a session does not exist is not an error: [`load`](crate::Store::load) answers `None`, a write
/// answers [`WriteOutcome::Gone`](crate::WriteOutcome::Gone).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached or failed; trying later may help.
    #[error("the session store is unavailable, check that it runs and can be reached")]
    Unavailable(#[source] BoxError),
    /// The store did not answer in time; the write may or may not have happened.
    #[error("the session store did not answer in time, check its load and the network or allow it more time")]
    Timeout,
    /// What the store holds for this token cannot be read.
    #[error("the stored session is corrupt and counts as none, look for who else writes to the store")]
    Corrupt(#[source] BoxError),
    /// The session is too large for this store; nothing was written.
    #[error("the session takes {actual} bytes, the limit is {limit}: keep less in it, or raise the limit")]
    TooLarge {
        /// Bytes that the session would take.
        actual: usize,
        /// Bytes that it may take.
        limit: usize,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness, let the process have `getrandom` or `/dev/urandom`")]
    Random(#[source] BoxError),
    /// Every fresh token was already taken, which only a broken source of randomness explains.
    #[error("every fresh session token was taken, check the random numbers of this machine")]
    NoFreeToken,
    /// This store does not offer the operation.
    #[error("this store does not offer `{0}`, use one that does")]
    Unsupported(&'static str),
}
