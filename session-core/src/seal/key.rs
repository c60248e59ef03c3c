//! Keys for sealing stored values.

use std::fmt;
use std::str::FromStr;

use zeroize::{Zeroize as _, Zeroizing};

use crate::key_strength::check;
use crate::stack_wipe::with_stack_wiped;

/// A key for sealing stored values: 64 secret random bytes.
///
/// Keep it in a secret manager, never in source code, and not on the server that stores the values. As text it has 128 hex digits, for
/// example from `openssl rand -hex 64`. Bytes that do not look random are refused, and so is every key that was ever
/// published in the documentation or the tests of this project. `Debug` does not show the key; it is zeroised on drop.
///
/// ```no_run
/// use session_core::seal::SealKey;
///
/// let key: SealKey = std::env::var("SESSION_SEAL_KEY")?.parse()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct SealKey {
    /// Boxed, because moving an array would leave a copy behind.
    pub(super) bytes: Box<Zeroizing<[u8; 64]>>,
}

/// The text or bytes are not a valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealKeyError {
    /// The text is not 128 hex digits.
    #[error("not a key: write 64 random bytes in hex, for example from `openssl rand -hex 64`")]
    Malformed,
    /// The bytes do not look random, or were published.
    #[error("the key does not look random: use 64 random bytes, for example from `openssl rand -hex 64`")]
    Weak,
}

impl SealKey {
    /// A key of these bytes.
    ///
    /// # Errors
    ///
    /// [`SealKeyError::Weak`] if they do not look random or were published.
    pub fn from_bytes(mut bytes: [u8; 64]) -> Result<Self, SealKeyError> {
        let key = Self::checked(&bytes);
        bytes.zeroize();
        key
    }

    /// A key of these bytes without any check: for known-answer tests, whose keys are public.
    #[doc(hidden)]
    pub fn unchecked_for_tests(bytes: &[u8; 64]) -> Self {
        Self::copied(bytes)
    }

    fn checked(bytes: &[u8; 64]) -> Result<Self, SealKeyError> {
        check(bytes).map_err(|_| SealKeyError::Weak)?;
        Ok(Self::copied(bytes))
    }

    fn copied(bytes: &[u8; 64]) -> Self {
        let mut copy = Box::new(Zeroizing::new([0; 64]));
        with_stack_wiped(|| copy.copy_from_slice(bytes));
        Self { bytes: copy }
    }
}

impl FromStr for SealKey {
    type Err = SealKeyError;

    fn from_str(text: &str) -> Result<Self, SealKeyError> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (pairs, rest) = text.trim().as_bytes().as_chunks();
        if pairs.len() != 64 || !rest.is_empty() {
            return Err(SealKeyError::Malformed);
        }
        let mut bytes = Zeroizing::new([0; 64]);
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let nibbles = digit(*high).zip(digit(*low)).ok_or(SealKeyError::Malformed)?;
            *byte = nibbles.0 << 4 | nibbles.1;
        }
        Self::checked(&bytes)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(***)")
    }
}
