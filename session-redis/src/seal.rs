//! Sealed values: `format 1 | key id 4 | SIV 16 | ciphertext`.
//!
//! AES-256-SIV, RFC 5297, with the purpose, the name of the session's key, the name of the field, the format and
//! the key id as associated data. There is no nonce: sealing an unchanged value again gives the same bytes, so that only
//! changed fields are sent.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use hmac::{Hmac, Mac as _};
use session_core::__keys::{check, wiped};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::key::Key;

const PURPOSE: &[u8] = b"session-redis/v1";
const ID_PURPOSE: &[u8] = b"session-redis/v1 key id";
const INDEX_PURPOSE: &[u8] = b"session-redis/v1 index key";
/// The first byte of what is sealed.
const FORMAT: u8 = 0x80;
const ID_END: usize = 1 + 4;
const HEAD: usize = ID_END + 16;

/// 64 secret random bytes that seal what is stored.
///
/// They belong in a secret manager, never in the source, and not on the server that they protect from. As text they are
/// 128 hex digits, for example from `openssl rand -hex 64`. What was not drawn at random is refused, and so is every key
/// that was ever printed in the documentation or the tests of this project. `Debug` shows nothing of them; they are wiped
/// on drop.
///
/// ```no_run
/// use session_redis::SealKey;
///
/// let key: SealKey = std::env::var("SESSION_SEAL_KEY")?.parse()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct SealKey {
    bytes: Box<Zeroizing<[u8; 64]>>,
    id: [u8; 4],
}

/// The text or bytes are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealKeyError {
    /// The text is not 128 hex digits.
    #[error("not a key: write 64 random bytes in hex, for example from `openssl rand -hex 64`")]
    Malformed,
    /// The bytes were hardly drawn at random.
    #[error("the key does not look random: use 64 random bytes, for example from `openssl rand -hex 64`")]
    Weak,
}

impl SealKey {
    /// The key that these 64 random bytes are.
    ///
    /// # Errors
    ///
    /// [`SealKeyError::Weak`] when they do not look random or were published.
    pub fn from_bytes(mut bytes: [u8; 64]) -> Result<Self, SealKeyError> {
        let key = Self::copied(&bytes);
        bytes.zeroize();
        key
    }

    fn copied(bytes: &[u8; 64]) -> Result<Self, SealKeyError> {
        check(bytes).map_err(|_| SealKeyError::Weak)?;
        let mut kept = Box::new(Zeroizing::new([0; 64]));
        let id = wiped(|| {
            kept.copy_from_slice(bytes);
            let digest = Sha256::new().chain_update(ID_PURPOSE).chain_update(bytes).finalize();
            [digest[0], digest[1], digest[2], digest[3]]
        });
        Ok(Self { bytes: kept, id })
    }

    fn seal(&self, key: &Key, field: &str, value: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(HEAD + value.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.id);
        sealed.resize(HEAD, 0);
        sealed.extend_from_slice(value);
        let (head, body) = sealed.split_at_mut(HEAD);
        let (header, siv) = head.split_at_mut(ID_END);
        let associated = associated(key, field, header);
        let tag = wiped(|| self.cipher().encrypt_inout_detached(associated, body.into()))
            .expect("four headers are fewer than AES-SIV takes");
        siv.copy_from_slice(&tag);
        sealed
    }

    /// HMAC-SHA-256 under a key of its own.
    fn digest(&self, data: &[u8]) -> [u8; 32] {
        wiped(|| {
            let purpose = Sha256::new().chain_update(INDEX_PURPOSE).chain_update(&self.bytes[..]);
            let key = Zeroizing::new(<[u8; 32]>::from(purpose.finalize()));
            let mac = Hmac::<Sha256>::new_from_slice(&key[..]).expect("HMAC takes keys of any length");
            mac.chain_update(data).finalize().into_bytes().into()
        })
    }

    /// To be used where the stack is wiped afterwards.
    fn cipher(&self) -> Aes256Siv {
        let bytes: &[u8; 64] = &self.bytes;
        Aes256Siv::new(bytes.into())
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
        Self::copied(&bytes)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(***)")
    }
}

/// The keys that open what is stored; the first seals.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    first: Arc<SealKey>,
    others: Arc<[SealKey]>,
}

impl Ring {
    pub(crate) fn new(first: SealKey, others: impl IntoIterator<Item = SealKey>) -> Self {
        Self { first: Arc::new(first), others: others.into_iter().collect() }
    }

    pub(crate) fn seal(&self, key: &Key, field: &str, value: &[u8]) -> Vec<u8> {
        self.first.seal(key, field, value)
    }

    pub(crate) fn open(&self, key: &Key, field: &str, stored: &[u8]) -> Option<Vec<u8>> {
        let (head, body) = stored.split_at_checked(HEAD)?;
        let (header, siv) = head.split_at(ID_END);
        let (&[FORMAT], id) = header.split_first_chunk()? else { return None };
        let opening = self.keys().find(|key| key.id == id)?;
        let mut value = body.to_vec();
        let tag = siv.try_into().ok()?;
        let inout = value.as_mut_slice().into();
        let associated = associated(key, field, header);
        wiped(|| opening.cipher().decrypt_inout_detached(associated, inout, &tag)).ok()?;
        Some(value)
    }

    pub(crate) fn digest(&self, data: &[u8]) -> [u8; 32] {
        self.first.digest(data)
    }

    pub(crate) fn digest_each(&self, data: &[u8]) -> impl Iterator<Item = [u8; 32]> {
        self.keys().map(|key| key.digest(data))
    }

    fn keys(&self) -> impl Iterator<Item = &SealKey> {
        std::iter::once(&*self.first).chain(self.others.iter())
    }
}

fn associated<'a>(key: &'a Key, field: &'a str, header: &'a [u8]) -> [&'a [u8]; 4] {
    [PURPOSE, key.name.as_bytes(), field.as_bytes(), header]
}
