//! The keys of a store. Without the feature `seal` there are none.

#[cfg(feature = "seal")]
pub(crate) use session_core::seal::SealRing;

/// Has no values.
#[cfg(not(feature = "seal"))]
#[derive(Clone, Debug)]
pub(crate) enum SealRing {}

#[cfg(not(feature = "seal"))]
impl SealRing {
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn len(&self) -> usize {
        match *self {}
    }

    pub(crate) fn seal<const N: usize>(&self, _place: [&[u8]; N], _value: &[u8]) -> Vec<u8> {
        match *self {}
    }

    pub(crate) fn open<const N: usize>(&self, _place: [&[u8]; N], _sealed: &[u8]) -> Option<Vec<u8>> {
        match *self {}
    }

    pub(crate) fn digest(&self, _data: &[u8]) -> [u8; 32] {
        match *self {}
    }

    pub(crate) fn digests(&self, _data: &[u8]) -> std::iter::Empty<[u8; 32]> {
        match *self {}
    }
}
