//! Sealed sessions: the whole record as one sealed value.
//!
//! It is bound to the table and to the key of the session, so that rows cannot be swapped. Beside it stand what the
//! database looks a session up by: its key, its handle id, its deadline and keyed digests of its indexed fields.

mod ring;

use session_core::{Record, StoreKey};

use crate::error::Damage;
use crate::table::Table;

pub(crate) use self::ring::SealRing;

/// The purpose of a ring.
#[cfg(feature = "seal")]
pub(crate) const PURPOSE: &str = "session-sql/v1";

/// The keys of a store that seals its sessions, and its table.
#[derive(Clone, Debug)]
pub(crate) struct Seal {
    ring: SealRing,
    table: String,
}

impl Seal {
    pub(crate) fn new(ring: SealRing, table: &Table) -> Self {
        Self { ring, table: table.qualified_name() }
    }

    /// Returns the number of keys.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn keys(&self) -> usize {
        self.ring.len()
    }

    /// Returns the digest of the data under the key that seals.
    pub(crate) fn digest(&self, data: &[u8]) -> [u8; 32] {
        self.ring.digest(data)
    }

    /// Returns the digests of the data under all keys, starting with the one that seals.
    pub(crate) fn digests(&self, data: &[u8]) -> Vec<[u8; 32]> {
        self.ring.digests(data).collect()
    }

    /// Seals a record for a session with this key.
    pub(crate) fn seal(&self, record: &Record, key: &StoreKey) -> Vec<u8> {
        self.ring.seal([self.table.as_bytes(), key.as_bytes()], record.as_bytes())
    }

    /// Opens the record of a session with this key and this handle id.
    ///
    /// The handle id is compared, since sessions are destroyed by the one in the column.
    pub(crate) fn open(&self, sealed: &[u8], key: &[u8], handle_id: &[u8]) -> Result<Record, Damage> {
        let opened = self.ring.open([self.table.as_bytes(), key], sealed).ok_or(Damage::Seal)?;
        let record = Record::from_bytes(opened).map_err(|_| Damage::Fields)?;
        if record.meta().id.as_bytes() == handle_id { Ok(record) } else { Err(Damage::HandleId) }
    }
}
