//! Errors of stores.

/// The source of an error, of any type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An error of a session store.
///
/// A session that does not exist is not an error: [`load`](crate::Store::load) returns `None` and a write returns
/// [`WriteOutcome::Gone`](crate::WriteOutcome::Gone).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached or failed. Retrying later may help.
    #[error("the session store is unavailable, check that it runs and can be reached")]
    Unavailable(#[source] BoxError),
    /// The store did not respond in time. The write may or may not have been executed.
    #[error("the session store did not answer in time, check its load and the network or allow it more time")]
    Timeout,
    /// The stored record of this token cannot be read.
    #[error("the stored session is corrupt and treated as absent, check what else writes to the store")]
    Corrupt(#[source] BoxError),
    /// The session is too large for this store. Nothing was written.
    #[error("the session takes {actual} bytes, the limit is {limit}: keep less in it, or raise the limit")]
    TooLarge {
        /// The size of the session in bytes.
        actual: usize,
        /// The maximum size in bytes.
        limit: usize,
    },
    /// The operating system returned no random bytes.
    #[error("the operating system gave no randomness, let the process have `getrandom` or `/dev/urandom`")]
    Random(#[source] BoxError),
    /// Every new token was already in use, which indicates a broken source of randomness.
    #[error("every new session token was already in use, check the source of randomness of this machine")]
    NoFreeToken,
    /// The store does not support the operation named here.
    #[error(
        "this session store does not support `{0}`: use a store on the server, or for `destroy_by` a revocable cookie store"
    )]
    Unsupported(&'static str),
}
