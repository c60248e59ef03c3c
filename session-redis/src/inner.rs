//! State of a store that its clones share.

use session_core::TokenSource;

use crate::client::send::Client;
use crate::index::horizon::Horizon;
use crate::index::orphans::Orphans;
use crate::key::Prefix;
use crate::seal::Sealing;
#[cfg(feature = "seal")]
use crate::seal::write_lock::WriteLocks;

pub(crate) struct Inner {
    pub(crate) client: Client,
    /// Connections for calls that concern many sessions. They do not delay other calls, and a late one of them does not
    /// close the connection of others.
    pub(crate) bulk: Client,
    pub(crate) prefix: Prefix,
    pub(crate) tokens: TokenSource,
    pub(crate) sealing: Sealing,
    pub(crate) horizon: Horizon,
    #[cfg(feature = "seal")]
    pub(crate) write_locks: WriteLocks,
    pub(crate) orphans: Orphans,
}
