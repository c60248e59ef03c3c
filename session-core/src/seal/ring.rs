//! A ring of keys: sealed values have the form `format 1 | key id 4 | SIV 16 | ciphertext`.

use std::iter::once;
use std::sync::Arc;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::key::SealKey;
use crate::stack_wipe::with_stack_wiped;

/// First byte of a sealed value.
const FORMAT: u8 = 0x80;
const ID_END: usize = 1 + 4;
const HEAD: usize = ID_END + 16;

/// A ring of keys: the first one seals, all of them open. Clones share the keys.
///
/// Values are sealed with AES-256-SIV (RFC 5297) without a nonce: the same value at the same place is sealed to the same
/// bytes. The length of a sealed value is that of the value and 21 bytes. `Debug` shows no key.
///
/// ```
/// # use session_core::seal::SealKey;
/// use session_core::seal::SealRing;
///
/// # fn two_keys() -> [SealKey; 2] {
/// #     let part = |_| *session_core::HandleId::random().unwrap().as_bytes();
/// #     let key = |_| {
/// #         let bytes: [[u8; 16]; 4] = [0, 1, 2, 3].map(part);
/// #         SealKey::from_bytes(bytes.as_flattened().try_into().unwrap()).unwrap()
/// #     };
/// #     [0, 1].map(key)
/// # }
/// # let [old_key, new_key] = two_keys();
/// # let [same_key, same_new_key] = two_keys();
/// let ring = SealRing::new("my-store/v1", new_key, [old_key]);
/// let sealed = ring.seal([b"session 7", b"name"], b"ada");
/// assert_eq!(ring.open([b"session 7", b"name"], &sealed).as_deref(), Some(b"ada".as_slice()));
/// assert_eq!(ring.open([b"session 8", b"name"], &sealed), None);
/// ```
#[derive(Clone, Debug)]
pub struct SealRing {
    purpose: &'static str,
    first: Arc<IdentifiedKey>,
    others: Arc<[IdentifiedKey]>,
}

/// A key and the start of its hash, which the values that it sealed begin with.
#[derive(Debug)]
struct IdentifiedKey {
    key: SealKey,
    id: [u8; 4],
}

impl SealRing {
    /// Creates a ring of a first key, which seals, and older ones, which only open.
    ///
    /// The `purpose` names the store and the version of what it seals, such as `"my-store/v1"`: rings with another
    /// purpose open none of its values, and compute other digests from the same keys.
    pub fn new(purpose: &'static str, first: SealKey, older: impl IntoIterator<Item = SealKey>) -> Self {
        let identified = |key| IdentifiedKey::new(purpose, key);
        Self {
            purpose,
            first: Arc::new(identified(first)),
            others: older.into_iter().map(identified).collect(),
        }
    }

    /// Returns the number of keys.
    #[expect(clippy::len_without_is_empty, reason = "a ring is never empty")]
    pub fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// Seals a value at a place, such as the key of a session and the name of a field.
    pub fn seal<const N: usize>(&self, place: [&[u8]; N], value: &[u8]) -> Vec<u8> {
        const { assert!(N < 100, "AES-SIV takes 126 headers") }
        let mut sealed = Vec::with_capacity(HEAD + value.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.first.id);
        sealed.resize(HEAD, 0);
        sealed.extend_from_slice(value);
        let (head, body) = sealed.split_at_mut(HEAD);
        let (header, siv) = head.split_at_mut(ID_END);
        let headers = self.headers(&place, header);
        match with_stack_wiped(|| self.first.cipher().encrypt_inout_detached(headers, body.into())) {
            Ok(tag) => siv.copy_from_slice(&tag),
            Err(_) => unreachable!("there are fewer headers than AES-SIV takes"),
        }
        sealed
    }

    /// Opens a value that was sealed at this place; `None` if no key of the ring sealed it there.
    pub fn open<const N: usize>(&self, place: [&[u8]; N], sealed: &[u8]) -> Option<Vec<u8>> {
        const { assert!(N < 100, "AES-SIV takes 126 headers") }
        let (head, body) = sealed.split_at_checked(HEAD)?;
        let (header, siv) = head.split_at(ID_END);
        let (&[FORMAT], id) = header.split_first_chunk()? else { return None };
        let opening = self.keys().find(|key| key.id == id)?;
        let mut value = body.to_vec();
        let tag = siv.try_into().ok()?;
        let inout = value.as_mut_slice().into();
        let headers = self.headers(&place, header);
        with_stack_wiped(|| opening.cipher().decrypt_inout_detached(headers, inout, &tag)).ok()?;
        Some(value)
    }

    /// Returns the digest of `data` under the first key.
    ///
    /// Without the key it cannot be computed, so a value that can be guessed is not found by comparing digests.
    pub fn digest(&self, data: &[u8]) -> [u8; 32] {
        self.first.digest(self.purpose, data)
    }

    /// Returns the digests of `data` under all keys, starting with the first one.
    pub fn digests(&self, data: &[u8]) -> impl Iterator<Item = [u8; 32]> {
        self.keys().map(|key| key.digest(self.purpose, data))
    }

    fn keys(&self) -> impl Iterator<Item = &IdentifiedKey> {
        once(&*self.first).chain(self.others.iter())
    }

    fn headers<'a>(&self, place: &'a [&'a [u8]], header: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        once(self.purpose.as_bytes()).chain(place.iter().copied()).chain(once(header))
    }
}

impl IdentifiedKey {
    fn new(purpose: &str, key: SealKey) -> Self {
        let id = with_stack_wiped(|| {
            let digest = hash(purpose, " key id", &key);
            [digest[0], digest[1], digest[2], digest[3]]
        });
        Self { key, id }
    }

    /// HMAC-SHA-256 with a derived key.
    fn digest(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        with_stack_wiped(|| {
            let key = hash(purpose, " index key", &self.key);
            let mac = Hmac::<Sha256>::new_from_slice(&key[..]).expect("HMAC takes keys of any length");
            mac.chain_update(data).finalize().into_bytes().into()
        })
    }

    /// Call it within `with_stack_wiped`: it leaves key material on the stack.
    fn cipher(&self) -> Aes256Siv {
        let bytes: &[u8; 64] = &self.key.bytes;
        Aes256Siv::new(bytes.into())
    }
}

/// Call it within `with_stack_wiped`: it leaves key material on the stack.
fn hash(purpose: &str, use_of_hash: &str, key: &SealKey) -> Zeroizing<[u8; 32]> {
    let digest =
        Sha256::new().chain_update(purpose).chain_update(use_of_hash).chain_update(&key.bytes[..]).finalize();
    Zeroizing::new(digest.into())
}
