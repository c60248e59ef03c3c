//! Where visitors are kept, and their bytes.

use anyhow::Result;
use bincode::config::standard;

use crate::bag::Visitor;

/// Where visitors are kept.
pub(super) trait Keep: Clone + Send + Sync + 'static {
    /// The visitor of a cookie's value.
    fn load(&self, cookie: &str) -> impl Future<Output = Result<Visitor>> + Send;

    /// Keeps a new visitor, or the counter of the one of that cookie, and answers the cookie to set, if any.
    fn save(
        &self,
        cookie: Option<&str>,
        visitor: &Visitor,
    ) -> impl Future<Output = Result<Option<String>>> + Send;
}

pub(super) fn decode(bytes: &[u8]) -> Result<Visitor> {
    Ok(bincode::serde::decode_from_slice(bytes, standard())?.0)
}

pub(super) fn encode(visitor: &Visitor) -> Result<Vec<u8>> {
    Ok(bincode::serde::encode_to_vec(visitor, standard())?)
}
