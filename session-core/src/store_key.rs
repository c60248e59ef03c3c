//! The key of a session inside a store.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The key under which a store keeps a session: the SHA-256 of the random bytes of its token.
///
/// The token cannot be derived from it, so a dump or backup of the store contains no usable cookies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    pub(crate) fn of(bytes: &[u8; 32]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the key of the token with this text, or `None` if the text is not canonical base64url.
    pub(crate) fn of_text(text: &[u8; 43]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes);
        (length == Ok(32)).then(|| Self::of(&bytes))
    }

    /// Returns the 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for StoreKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for StoreKey {
    /// Writes 43 characters of base64url without padding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({self})")
    }
}
