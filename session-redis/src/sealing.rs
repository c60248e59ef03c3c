//! Values as they are stored: as they are, or sealed.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::key::Key;
use crate::layout::Damage;
#[cfg(feature = "seal")]
use crate::seal::Ring;

const INDEX: &[u8] = b"session-redis/v1 index";

/// Whether values are sealed, and by which keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealing {
    #[cfg(feature = "seal")]
    pub(crate) ring: Option<Ring>,
}

#[cfg_attr(not(feature = "seal"), expect(clippy::unused_self, reason = "values are as they are"))]
impl Sealing {
    /// What the index calls a value of a field, in base64url: a hash, or where values are sealed a keyed one.
    pub(crate) fn digest(&self, name: &str, value: &[u8]) -> String {
        let parts = digest_parts(name, value);
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            return URL_SAFE_NO_PAD.encode(ring.digest(&parts));
        }
        URL_SAFE_NO_PAD.encode(Sha256::digest(&parts))
    }

    /// All that the index may call a value of a field.
    pub(crate) fn digests(&self, name: &str, value: &[u8]) -> Vec<String> {
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            let parts = digest_parts(name, value);
            return ring.digest_each(&parts).map(|digest| URL_SAFE_NO_PAD.encode(digest)).collect();
        }
        vec![self.digest(name, value)]
    }

    /// The value that was stored there.
    #[cfg_attr(not(feature = "seal"), expect(unused_variables, reason = "they say where a seal belongs"))]
    #[cfg_attr(not(feature = "seal"), expect(clippy::unnecessary_wraps, reason = "a seal may be broken"))]
    pub(crate) fn open<'a>(&self, key: &Key, field: &str, stored: &'a [u8]) -> Result<Cow<'a, [u8]>, Damage> {
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            return ring.open(key, field, stored).map(Cow::Owned).ok_or(Damage::Seal);
        }
        Ok(stored.into())
    }
}

/// No two pairs of a name and a value give the same bytes.
fn digest_parts(name: &str, value: &[u8]) -> Vec<u8> {
    [INDEX, &(name.len() as u64).to_le_bytes(), name.as_bytes(), value].concat()
}
