//! A record before and after a patch, for databases that read it under a lock and write it whole.

use session_core::{Conflict, Patch, Record};

use crate::index_key::{IndexKey, index_key, index_keys};
use crate::seal::Seal;

/// A record after a patch, and what changes in the index.
pub(crate) struct Rewrite {
    pub(crate) record: Record,
    pub(crate) added: Vec<IndexKey>,
    pub(crate) removed: Vec<IndexKey>,
    pub(crate) replaced: Vec<Replaced>,
}

/// An entry of the index whose digest was computed with an older key. It keeps its position among those of the value.
pub(crate) struct Replaced {
    pub(crate) older: Vec<IndexKey>,
    pub(crate) current: IndexKey,
}

impl Rewrite {
    pub(crate) fn new(old: &Record, patch: &Patch, seal: Option<&Seal>) -> Result<Self, Conflict> {
        let record = old.apply(patch)?;
        let (mut added, mut removed, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        if patch.reindexes(old) {
            for (name, value) in record.indexed().filter(|(name, value)| old.get(name) != Some(value)) {
                added.push(index_key(name, value, seal));
            }
            for (name, value) in old.indexed().filter(|(name, value)| record.get(name) != Some(value)) {
                removed.extend(index_keys(name, value, seal));
            }
        }
        if seal.is_some_and(|seal| seal.keys() > 1) {
            for (name, value) in record.indexed().filter(|(name, value)| old.get(name) == Some(value)) {
                let mut keys = index_keys(name, value, seal);
                replaced.push(Replaced { older: keys.split_off(1), current: keys[0] });
            }
        }
        Ok(Self { record, added, removed, replaced })
    }
}
