//! Derivation of keys from passphrases with argon2id.

use argon2::{Algorithm, Argon2, Params, Version};
use session_core::__keys::is_placeholder;

use crate::key::Key;
use crate::key_error::KeyError;

const MIN_PASSPHRASE_CHARS: usize = 16;
const MIN_SALT_BYTES: usize = 16;

impl Key {
    /// Derives a key from a passphrase, for deployments that cannot store random bytes. Requires the feature
    /// `passphrase`.
    ///
    /// Argon2id with 64 MiB, three passes and one lane, which takes about a tenth of a second, once at start. A
    /// passphrase is weaker than random bytes; use six random words at least. The salt is random, at least 16 bytes
    /// long, not secret, and the same on every node.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the passphrase or the salt is too short, or the passphrase is a known placeholder.
    pub fn from_passphrase(passphrase: &str, salt: &[u8]) -> Result<Self, KeyError> {
        let length = passphrase.chars().count();
        if length < MIN_PASSPHRASE_CHARS {
            return Err(KeyError::ShortPassphrase(length));
        }
        if salt.len() < MIN_SALT_BYTES {
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
