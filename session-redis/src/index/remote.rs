//! Updates of index sets on other servers than the session: in a cluster.

use redis::Value;
use session_core::{StoreError, Timestamp};
use tokio::time::Instant;

use crate::client::batch::Call;
use crate::client::failure::unexpected_reply;
use crate::client::reply::text;
use crate::client::send::Client;
use crate::index::entry::Entry;
use crate::inner::Inner;
use crate::lua::script::ADD_MEMBER;
use crate::outcome::{Member, ReachTooShort};

impl Inner {
    /// Adds a session to the sets of its entries before it is written. `hash` is that of its key after the write.
    pub(crate) async fn add_members(
        &self,
        entries: &mut [Entry],
        hash: &str,
        reach: Timestamp,
        deadline: Instant,
    ) -> Result<(), StoreError> {
        let mut entries: Vec<_> = entries.iter_mut().filter(|entry| !entry.is_held).collect();
        let calls: Vec<_> = entries
            .iter()
            .map(|entry| self.add_member(&entry.digest, entry.member.as_deref().unwrap_or(hash), reach))
            .collect();
        let replies = self.client.query_chunk(&calls, Some(&ADD_MEMBER), deadline).await?;
        for (entry, reply) in entries.iter_mut().zip(&replies) {
            let (member, others) = reply.as_ref().and_then(read_added).ok_or_else(unexpected_reply)?;
            (entry.reach, entry.member, entry.others) = (Some(reach), Some(member), others);
        }
        Ok(())
    }

    /// Extends the reach of members, and adds those that were lost.
    pub(crate) async fn extend_members(
        &self,
        client: &Client,
        needed: &[ReachTooShort],
        deadline: Instant,
    ) -> Result<(), StoreError> {
        let mut calls = Vec::with_capacity(needed.len());
        for ReachTooShort { reach, members, .. } in needed {
            calls.extend(members.iter().map(|member| self.add_member(&member.digest, &member.name, *reach)));
        }
        let replies = client.query_chunk(&calls, Some(&ADD_MEMBER), deadline).await?;
        replies.iter().all(Option::is_some).then_some(()).ok_or_else(unexpected_reply)
    }

    /// Removes members of values that sessions no longer hold. Ignores failures, since lookups ignore stale members.
    pub(crate) async fn remove_members(&self, client: &Client, stale: &[Member], deadline: Instant) {
        let calls = stale.iter().map(|member| {
            let key = self.prefix.index(&member.digest);
            Call { cmd: redis::cmd("ZREM").arg(&key.name).arg(&member.name).take(), key }
        });
        let calls: Vec<_> = calls.collect();
        client.query_chunk(&calls, None, deadline).await.ok();
    }

    /// The call that adds a member, given whole or as the hash that it begins with.
    fn add_member(&self, digest: &str, member: &str, reach: Timestamp) -> Call {
        let key = self.prefix.index(digest);
        let script = self.client.version(&ADD_MEMBER);
        let cmd = script.call(&[&key.name]).arg(member).arg(reach.as_millis()).take();
        Call { key, cmd }
    }
}

/// The member that was added, and the number of others in its set.
fn read_added(reply: &Value) -> Option<(String, usize)> {
    let Value::Array(parts) = reply else { return None };
    let [member, Value::Int(count)] = parts.as_slice() else { return None };
    let others = usize::try_from(*count).ok()?.saturating_sub(1);
    Some((text(member)?.to_owned(), others))
}
