//! Prunes index sets: removes members whose sessions are gone or no longer hold the value.

use std::collections::BTreeMap;

use session_core::StoreError;

use crate::client::batch::{Call, ChunkSize};
use crate::client::failure::unexpected_reply;
use crate::index::locate::{read_zscan, zscan};
use crate::inner::Inner;
use crate::key::Key;
use crate::lua::script::PRUNE;
use crate::record::hmget;

/// Maximum number of members that one call of the script removes.
const MAX_MEMBERS: usize = 500;
/// Minimum age in seconds of a member that is removed, in a cluster, where it is added before its session is written.
const MIN_MEMBER_AGE: u32 = 600;

impl Inner {
    /// Removes members whose sessions are gone, and keys that hold a value of another type.
    pub(crate) async fn sweep_indexes(&self, indexes: &[Key]) -> Result<(), StoreError> {
        let calls = indexes.iter().map(|index| Call { key: index.clone(), cmd: zscan(index, b"0") });
        let replies = self.bulk.query_all(&calls.collect::<Vec<_>>(), ChunkSize::SHORT_REPLIES).await?;
        let (mut members, mut stale) = (BTreeMap::<String, Vec<usize>>::new(), BTreeMap::new());
        for (at, (index, reply)) in indexes.iter().zip(replies).enumerate() {
            let Some(reply) = reply else {
                stale.insert(at, Vec::new());
                continue;
            };
            let (cursor, mut found) = read_zscan(&reply).ok_or_else(unexpected_reply)?;
            if cursor != b"0" {
                found = self.members(&self.bulk, index).await?;
            }
            for member in found {
                members.entry(member).or_default().push(at);
            }
        }
        let named = members.keys().cloned().collect();
        let query = |key: &Key| hmget(key, &["d"]);
        for located in self.locate(&self.bulk, named, query, ChunkSize::SHORT_REPLIES).await? {
            if located.session.is_none() {
                for at in &members[&located.member] {
                    stale.entry(*at).or_default().push(located.member.clone());
                }
            }
        }
        let stale: Vec<_> = stale.into_iter().map(|(at, members)| (indexes[at].clone(), members)).collect();
        self.prune(&stale).await;
        Ok(())
    }

    /// Removes stale members from their sets. Ignores failures, since lookups ignore stale members.
    pub(crate) async fn prune(&self, stale: &[(Key, Vec<String>)]) {
        let min_age = if self.bulk.is_cluster() { MIN_MEMBER_AGE } else { 0 };
        let mut calls = Vec::with_capacity(stale.len());
        for (index, members) in stale {
            let call = |members: &[String]| {
                let cmd = self.bulk.version(&PRUNE).call(&[&index.name]).arg(min_age).arg(members).take();
                Call { key: index.clone(), cmd }
            };
            match members.as_slice() {
                [] => calls.push(call(&[])),
                members => calls.extend(members.chunks(MAX_MEMBERS).map(call)),
            }
        }
        self.bulk.run_all(&PRUNE, &calls).await;
    }
}
