//! The key of an index entry: a digest of a field's name and value.

#[cfg(any(feature = "mysql", feature = "sqlite"))]
use session_core::Record;
use sha2::{Digest as _, Sha256};

use crate::seal::Seal;

/// The digest of the name and the value of an indexed field: SHA-256, or where sessions are sealed a keyed one.
///
/// Its length does not depend on the value, and no collation applies to it, so that every database can index it and
/// compares it exactly.
pub(crate) type IndexKey = [u8; 32];

/// Returns the index key under which a field is stored.
pub(crate) fn index_key(name: &str, value: &[u8], seal: Option<&Seal>) -> IndexKey {
    match seal {
        None => {
            Sha256::new().chain_update(length(name)).chain_update(name).chain_update(value).finalize().into()
        }
        Some(seal) => seal.digest(&[&length(name), name.as_bytes(), value].concat()),
    }
}

/// Returns all index keys under which a field may be stored: those under older keys too.
pub(crate) fn index_keys(name: &str, value: &[u8], seal: Option<&Seal>) -> Vec<IndexKey> {
    match seal {
        None => vec![index_key(name, value, None)],
        Some(seal) => seal.digests(&[&length(name), name.as_bytes(), value].concat()),
    }
}

fn length(name: &str) -> [u8; 8] {
    u64::try_from(name.len()).unwrap_or(u64::MAX).to_le_bytes()
}

/// Returns the index keys under which the fields of a record are stored.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) fn index_keys_of(record: &Record, seal: Option<&Seal>) -> Vec<IndexKey> {
    record.indexed().map(|(name, value)| index_key(name, value, seal)).collect()
}

/// Returns the comparison of a stored digest with parameters, one for each digest that a value may have.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) fn comparison(seal: Option<&Seal>) -> String {
    match seal.map_or(1, Seal::keys) {
        1 => "= ?".to_owned(),
        keys => format!("in ({})", vec!["?"; keys].join(", ")),
    }
}
