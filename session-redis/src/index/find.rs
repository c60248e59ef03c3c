//! Finds sessions by a value that they hold.

use std::collections::BTreeSet;

use session_core::{Record, StoreError, Timestamp};

use crate::client::batch::ChunkSize;
use crate::inner::Inner;
use crate::key::Key;
use crate::layout::{META_FIELDS, field_name};
use crate::record::{hmget, read_some};

impl Inner {
    /// The live sessions that hold a value, with the fields `wanted` of each.
    pub(crate) async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        wanted: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let wanted: BTreeSet<_> = wanted.iter().chain([&name]).map(|name| field_name(name)).collect();
        let names: Vec<_> = META_FIELDS.into_iter().chain(wanted.iter().map(String::as_str)).collect();
        let query = |key: &Key| hmget(key, &names);
        let mut seen = BTreeSet::new();
        let mut records = Vec::new();
        for index in self.indexes_of(name, value) {
            let mut stale = Vec::new();
            let members = self.members(&self.bulk, &index).await?;
            for located in self.locate(&self.bulk, members, query, ChunkSize::LONG_REPLIES).await? {
                let Some((key, reply)) = located.session else {
                    stale.push(located.member);
                    continue;
                };
                // A session that cannot be read does not hide the others.
                let Ok(Some(record)) = read_some(&names, &reply, &key, &self.sealing) else { continue };
                if record.get(name) != Some(value) {
                    stale.push(located.member);
                } else if record.is_live(now) && seen.insert(record.meta().id) {
                    records.push(record);
                }
            }
            if !stale.is_empty() {
                self.prune(&[(index, stale)]).await;
            }
        }
        Ok(records)
    }
}
