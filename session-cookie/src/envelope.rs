//! The sealed form: `base64url(version | key id 4 | nonce 16 | SIV 16 | ciphertext)`.
//!
//! AES-256-SIV, RFC 5297. The associated data are, in this order: purpose, name of the cookie, context of the
//! application, version and key id, nonce.

use session_core::{StoreError, Token};

use crate::base64url;
use crate::contents::Contents;
use crate::key::Key;
use crate::refusal::Refusal;
use crate::ring::KeyRing;

const PURPOSE: &[u8] = b"session-cookie/v1";
const VERSION: u8 = 1;
const ID_END: usize = 1 + 4;
const NONCE_END: usize = ID_END + 16;
const HEAD: usize = NONCE_END + 16;

/// The name and context that each sealed cookie is bound to: under another name or context it does not open.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) name: String,
    pub(crate) context: String,
}

impl Envelope {
    /// Returns the length of a token with these contents.
    pub(crate) fn length(contents: &Contents) -> usize {
        ((HEAD + contents.padded_length()) * 4).div_ceil(3)
    }

    pub(crate) fn seal(&self, key: &Key, contents: &Contents) -> Result<Token, StoreError> {
        let mut sealed = Vec::with_capacity(HEAD + contents.padded_length());
        sealed.push(VERSION);
        sealed.extend_from_slice(key.id().as_bytes());
        sealed.resize(HEAD, 0);
        getrandom::fill(&mut sealed[ID_END..NONCE_END]).map_err(|error| StoreError::Random(error.into()))?;
        contents.write(&mut sealed);

        let (head, body) = sealed.split_at_mut(HEAD);
        let (header, siv) = head.split_at_mut(NONCE_END);
        let associated = self.associated(header);
        let tag = key
            .with_cipher(|cipher| cipher.encrypt_inout_detached(associated, body.into()))
            .expect("five headers are fewer than AES-SIV takes");
        siv.copy_from_slice(&tag);
        Ok(base64url::encode(&sealed).into())
    }

    /// Opens a token of at most `max_length` characters. The contents are authenticated before they are decoded.
    pub(crate) fn open(&self, ring: &KeyRing, token: &Token, max_length: usize) -> Result<Contents, Refusal> {
        let text = token.expose();
        if text.len() > max_length {
            return Err(Refusal::TooLong);
        }
        let mut sealed = base64url::decode(text).ok_or(Refusal::NotBase64)?;
        if sealed.first() != Some(&VERSION) {
            return Err(Refusal::UnknownVersion);
        }
        let (head, body) = sealed.split_at_mut_checked(HEAD).ok_or(Refusal::NotAuthentic)?;
        let (header, siv) = head.split_at(NONCE_END);
        let key = key_id(header).and_then(|id| ring.find(id)).ok_or(Refusal::UnknownKey)?;
        let tag = siv.try_into().map_err(|_| Refusal::NotAuthentic)?;
        let associated = self.associated(header);
        let opened = (&mut *body).into();
        key.with_cipher(|cipher| cipher.decrypt_inout_detached(associated, opened, &tag))
            .map_err(|_| Refusal::NotAuthentic)?;
        Contents::read(body).ok_or(Refusal::NotARecord)
    }

    /// Returns the associated data for a header of version, key id and nonce.
    fn associated<'a>(&'a self, header: &'a [u8]) -> [&'a [u8]; 5] {
        let (version_and_id, nonce) = header.split_at(ID_END);
        [PURPOSE, self.name.as_bytes(), self.context.as_bytes(), version_and_id, nonce]
    }
}

/// Returns the id of the key that a token claims to be sealed by.
pub(crate) fn sealed_by(token: &Token) -> Option<[u8; 4]> {
    key_id(&base64url::decode_start(token.expose())?)
}

fn key_id(header: &[u8]) -> Option<[u8; 4]> {
    header.get(1..ID_END)?.try_into().ok()
}
