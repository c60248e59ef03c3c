//! The key of an index entry: a digest of a field's name and value.

#[cfg(any(feature = "mysql", feature = "sqlite"))]
use session_core::Record;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of the name and the value of an indexed field.
///
/// Its length does not depend on the value, and no collation applies to it, so that every database can index it and
/// compares it exactly.
pub(crate) type IndexKey = [u8; 32];

/// Returns the index key of a field.
pub(crate) fn index_key(name: &str, value: &[u8]) -> IndexKey {
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX).to_le_bytes();
    Sha256::new().chain_update(length).chain_update(name).chain_update(value).finalize().into()
}

/// Returns the index keys of all indexed fields of a record.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) fn index_keys(record: &Record) -> Vec<IndexKey> {
    record.indexed().map(|(name, value)| index_key(name, value)).collect()
}
