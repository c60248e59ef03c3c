//! Errors of creating, parsing and combining keys.

use session_core::__keys::Weakness;
use session_core::BoxError;

use crate::key_id::KeyId;

/// An error of creating a [`Key`](crate::Key) or a [`KeyRing`](crate::KeyRing). It never contains the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The environment variable is not set, or empty.
    #[error("`{0}` is not set: put a key there, for example from `openssl rand -hex 64`")]
    Missing(String),
    /// The text is empty.
    #[error("the key is empty: write 64 random bytes in hex, for example from `openssl rand -hex 64`")]
    Empty,
    /// The text is neither hex nor base64.
    #[error("the key is neither hex nor base64: write one from `openssl rand -hex 64`")]
    Malformed,
    /// There are too few bytes.
    #[error(
        "the key has {0} bytes: use 64 random ones, for example from `openssl rand -hex 64`, at least 32"
    )]
    Short(usize),
    /// The bytes are readable text.
    #[error(
        "the key is readable text: use random bytes, for example from `openssl rand -hex 64`; \
         hex and base64 are read by `parse::<Key>()`, passphrases by `Key::from_passphrase`"
    )]
    Text,
    /// The key occurs in documentation, templates or tests, or is a simple sequence.
    #[error("the key is a placeholder: use random bytes, for example from `openssl rand -hex 64`")]
    Placeholder,
    /// The key has too few different bytes.
    #[error("the key has only {0} different bytes: use random ones, for example from `openssl rand -hex 64`")]
    Repetitive(usize),
    /// The second half repeats the first.
    #[error("both halves of the key are equal: use 64 random bytes, or `Key::derive` with 32")]
    EqualHalves,
    /// A part of the key repeats or mirrors an earlier one.
    #[error("the key repeats itself: use 64 random bytes, or `Key::derive` with 32")]
    Repeated,
    /// Two keys of a ring are equal, or have the same id.
    #[error("key {0} is in the ring twice: leave one of them out")]
    Duplicate(KeyId),
    /// The passphrase is too short.
    #[error("the passphrase has {0} characters: use at least 16, for example six random words")]
    ShortPassphrase(usize),
    /// The salt is too short.
    #[error("the salt has {0} bytes: use at least 16, random and kept with the configuration")]
    ShortSalt(usize),
    /// The operating system provided no randomness, or no memory for deriving a key from a passphrase.
    #[error(
        "the operating system provided no randomness, or no memory for a passphrase: allow `getrandom`, or free 64 MiB"
    )]
    Random(#[source] BoxError),
}

impl From<Weakness> for KeyError {
    fn from(weakness: Weakness) -> Self {
        match weakness {
            Weakness::Empty => Self::Empty,
            Weakness::Short(length) => Self::Short(length),
            Weakness::Text => Self::Text,
            Weakness::Placeholder => Self::Placeholder,
            Weakness::EqualHalves => Self::EqualHalves,
            Weakness::Repeated => Self::Repeated,
            Weakness::Repetitive(distinct) => Self::Repetitive(distinct),
        }
    }
}
