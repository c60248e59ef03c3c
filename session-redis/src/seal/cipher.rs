//! Cipher of stored values: `format 1 | key id 4 | SIV 16 | ciphertext`.
//!
//! AES-256-SIV (RFC 5297) with the purpose, the name of the session's key, the name of the field, the format and the
//! key id as associated data. There is no nonce: the same value is sealed to the same bytes, so that only fields that
//! changed are sent.

use std::sync::Arc;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use hmac::{Hmac, Mac as _};
use session_core::__keys::with_stack_wiped;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::key::Key;
use crate::seal::key::SealKey;

const PURPOSE: &[u8] = b"session-redis/v1";
const INDEX_PURPOSE: &[u8] = b"session-redis/v1 index key";
/// First byte of a sealed value.
const FORMAT: u8 = 0x80;
const ID_END: usize = 1 + 4;
const HEAD: usize = ID_END + 16;

impl SealKey {
    fn seal(&self, key: &Key, field: &str, value: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(HEAD + value.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.id);
        sealed.resize(HEAD, 0);
        sealed.extend_from_slice(value);
        let (head, body) = sealed.split_at_mut(HEAD);
        let (header, siv) = head.split_at_mut(ID_END);
        let associated = associated(key, field, header);
        let tag = with_stack_wiped(|| self.cipher().encrypt_inout_detached(associated, body.into()))
            .expect("four headers are fewer than AES-SIV takes");
        siv.copy_from_slice(&tag);
        sealed
    }

    /// HMAC-SHA-256 with a derived key.
    fn digest(&self, data: &[u8]) -> [u8; 32] {
        with_stack_wiped(|| {
            let purpose = Sha256::new().chain_update(INDEX_PURPOSE).chain_update(&self.bytes[..]);
            let key = Zeroizing::new(<[u8; 32]>::from(purpose.finalize()));
            let mac = Hmac::<Sha256>::new_from_slice(&key[..]).expect("HMAC takes keys of any length");
            mac.chain_update(data).finalize().into_bytes().into()
        })
    }

    /// Call it within `with_stack_wiped`: it leaves key material on the stack.
    fn cipher(&self) -> Aes256Siv {
        let bytes: &[u8; 64] = &self.bytes;
        Aes256Siv::new(bytes.into())
    }
}

/// Key ring: the first key seals, all of them open.
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
        with_stack_wiped(|| opening.cipher().decrypt_inout_detached(associated, inout, &tag)).ok()?;
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
