//! Values as they are stored: as they are, or sealed.

use std::borrow::Cow;

use crate::key::Key;
use crate::layout::Damage;
#[cfg(feature = "seal")]
use crate::seal::Ring;

/// Whether values are sealed, and by which keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealing {
    #[cfg(feature = "seal")]
    pub(crate) ring: Option<Ring>,
}

#[cfg_attr(not(feature = "seal"), expect(clippy::unused_self, reason = "values are as they are"))]
impl Sealing {
    /// A value as it is stored in this field of this session.
    #[cfg_attr(not(feature = "seal"), expect(unused_variables, reason = "they say where a seal belongs"))]
    pub(crate) fn seal<'a>(&self, key: &Key, field: &str, value: &'a [u8]) -> Cow<'a, [u8]> {
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            return ring.seal(key, field, value).into();
        }
        value.into()
    }

    /// Every way in which the value may be stored there already.
    #[cfg_attr(not(feature = "seal"), expect(unused_variables, reason = "they say where a seal belongs"))]
    pub(crate) fn seal_each<'a>(&self, key: &Key, field: &str, value: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.ring {
            return ring.seal_each(key, field, value).map(Cow::Owned).collect();
        }
        vec![value.into()]
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
