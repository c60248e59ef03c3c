//! Sealing of stored values. Without the feature `seal`, or without a key, they are stored as they are.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
#[cfg(feature = "seal")]
use session_core::seal::SealRing;
use sha2::{Digest as _, Sha256};

use crate::damage::Damage;
use crate::key::Key;
use crate::layout::PREFIX;

#[cfg(feature = "seal")]
mod entry;
#[cfg(feature = "seal")]
pub(crate) mod manifest;
#[cfg(feature = "seal")]
pub(crate) mod write_lock;
#[cfg(feature = "seal")]
mod writes;

/// The purpose of a ring.
#[cfg(feature = "seal")]
pub(crate) const PURPOSE: &str = "session-redis/v1";
const INDEX: &[u8] = b"session-redis/v1 index";

/// Whether values are sealed, and with which keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealing {
    #[cfg(feature = "seal")]
    pub(crate) ring: Option<SealRing>,
}

#[cfg_attr(not(feature = "seal"), expect(clippy::unused_self, reason = "without seals there are no keys"))]
impl Sealing {
    /// Digest of a field's value for the index, in base64url: a hash, keyed where values are sealed.
    pub(crate) fn digest(&self, name: &str, value: &[u8]) -> String {
        let parts = digest_parts(name, value);
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            return URL_SAFE_NO_PAD.encode(ring.digest(&parts));
        }
        URL_SAFE_NO_PAD.encode(Sha256::digest(&parts))
    }

    /// Digests of a field's value under all keys of the ring.
    pub(crate) fn digests(&self, name: &str, value: &[u8]) -> Vec<String> {
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            let parts = digest_parts(name, value);
            return ring.digests(&parts).map(|digest| URL_SAFE_NO_PAD.encode(digest)).collect();
        }
        vec![self.digest(name, value)]
    }

    /// Opens a databag field that is stored under this name in the hash. Returns the name in the record, and the value.
    pub(crate) fn open_field<'a>(
        &self,
        key: &Key,
        stored_name: &'a str,
        stored: &'a [u8],
    ) -> Result<(Cow<'a, str>, Cow<'a, [u8]>), Damage> {
        let opened = self.open(key, stored_name, stored)?;
        let name = &stored_name[PREFIX.len()..];
        #[cfg(feature = "seal")]
        if self.ring.is_some() && session_core::entry::split(name).is_some() {
            let (name, value) = entry::read_sealed_form(name, &opened).ok_or(Damage::Seal)?;
            return Ok((name.into(), value.to_vec().into()));
        }
        Ok((name.into(), opened))
    }

    /// Opens the stored value of a field.
    #[cfg_attr(not(feature = "seal"), expect(unused_variables, reason = "they are bound to a seal"))]
    #[cfg_attr(not(feature = "seal"), expect(clippy::unnecessary_wraps, reason = "a seal may be broken"))]
    pub(crate) fn open<'a>(&self, key: &Key, field: &str, stored: &'a [u8]) -> Result<Cow<'a, [u8]>, Damage> {
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            return ring.open(place(key, field), stored).map(Cow::Owned).ok_or(Damage::Seal);
        }
        Ok(stored.into())
    }
}

/// Where a value is sealed: the name of the session's key, and that of the field.
#[cfg(feature = "seal")]
fn place<'a>(key: &'a Key, field: &'a str) -> [&'a [u8]; 2] {
    [key.name.as_bytes(), field.as_bytes()]
}

/// Encodes a name and a value such that no two pairs give the same bytes.
fn digest_parts(name: &str, value: &[u8]) -> Vec<u8> {
    [INDEX, &(name.len() as u64).to_le_bytes(), name.as_bytes(), value].concat()
}
