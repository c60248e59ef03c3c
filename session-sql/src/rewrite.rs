//! A record before and after a patch, for databases that read it under a lock and write it whole.

use session_core::{Conflict, Patch, Record};

use crate::index_key::{IndexKey, index_keys};

/// A record after a patch, and what changes in the index.
pub(crate) struct Rewrite {
    pub(crate) record: Record,
    pub(crate) added: Vec<IndexKey>,
    pub(crate) removed: Vec<IndexKey>,
}

impl Rewrite {
    pub(crate) fn new(old: &Record, patch: &Patch) -> Result<Self, Conflict> {
        let record = old.apply(patch)?;
        if !patch.reindexes(old) {
            return Ok(Self { record, added: Vec::new(), removed: Vec::new() });
        }
        let (before, after) = (index_keys(old), index_keys(&record));
        let only_in = |these: &[IndexKey], others: &[IndexKey]| {
            these.iter().filter(|key| !others.contains(key)).copied().collect()
        };
        Ok(Self { added: only_in(&after, &before), removed: only_in(&before, &after), record })
    }
}
