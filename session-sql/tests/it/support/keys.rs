//! Keys for sealed sessions.

use std::sync::LazyLock;

use session_core::HandleId;
use session_sql::{SealKey, SqlStore};
use sha2::{Digest as _, Sha256};

use super::Database;

/// A random key for each number, different in each run.
pub(crate) fn key(number: u8) -> SealKey {
    static SECRET: LazyLock<HandleId> = LazyLock::new(|| HandleId::random().unwrap());
    let half =
        |half: u8| Sha256::new().chain_update(SECRET.as_bytes()).chain_update([number, half]).finalize();
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&half(0));
    bytes[32..].copy_from_slice(&half(1));
    SealKey::from_bytes(bytes).unwrap()
}

/// A store with these keys.
pub(crate) fn sealed<D: Database>(database: &D, first: u8, older: impl IntoIterator<Item = u8>) -> SqlStore {
    database.store().seal(key(first), older.into_iter().map(key))
}
