//! Keys from what a person can remember.

use argon2::{Algorithm, Argon2, Params, Version};
use session_core::__keys::is_placeholder;

use crate::{Key, KeyError};

const SHORTEST_PASSPHRASE: usize = 16;
const SHORTEST_SALT: usize = 16;

impl Key {
    /// A key from a passphrase, for the cases where random bytes cannot be had. Behind the feature `passphrase`.
    ///
    /// Argon2id with 64 MiB, three passes and one lane: a tenth of a second or so, once at start. A passphrase is the
    /// weaker choice; six random words are the least that is worth it. The salt is random, at least 16 bytes, not
    /// secret, and the same on every node.
    ///
    /// # Errors
    ///
    /// When passphrase or salt are too short, or the passphrase is a known placeholder.
    pub fn from_passphrase(passphrase: &str, salt: &[u8]) -> Result<Self, KeyError> {
        let length = passphrase.chars().count();
        if length < SHORTEST_PASSPHRASE {
            return Err(KeyError::ShortPassphrase(length));
        }
        if salt.len() < SHORTEST_SALT {
            return Err(KeyError::ShortSalt(salt.len()));
        }
        if is_placeholder(passphrase.as_bytes()) {
            return Err(KeyError::Placeholder);
        }
        Self::fill(|bytes| {
            let params = Params::new(64 * 1024, 3, 1, None).map_err(random)?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            argon2.hash_password_into(passphrase.as_bytes(), salt, bytes).map_err(random)
        })
    }
}

/// Argon2's own errors implement no error trait without its `std`.
fn random(error: argon2::Error) -> KeyError {
    KeyError::Random(error.to_string().into())
}
