//! Interface of the minimal stores, and the encoding of session data.

use anyhow::Result;
use bincode::config::standard;

use crate::session_data::Visitor;

/// A minimal session store.
pub(super) trait MinimalStore: Clone + Send + Sync + 'static {
    /// Loads the session with this cookie value.
    fn load(&self, cookie: &str) -> impl Future<Output = Result<Visitor>> + Send;

    /// Creates a session, or saves the one with this cookie value. Returns the cookie value to set, if any.
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
