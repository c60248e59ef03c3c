//! Looks up the sessions that index members name, under the keys that they have now.

use std::collections::BTreeSet;

use redis::{Cmd, Value};
use session_core::StoreError;
use session_core::value::is_indexed;

use crate::client::batch::{Call, ChunkSize};
use crate::client::failure::{contended, unexpected_reply};
use crate::client::reply::{bytes, pairs, text};
use crate::client::send::Client;
use crate::index::member::origin_hash;
use crate::inner::Inner;
use crate::key::{Key, Prefix};

/// Approximate number of members in one reply to ZSCAN.
const SCAN_COUNT: usize = 500;
/// Maximum number of renewals of a session that a lookup follows.
const MAX_TRIES: usize = 32;

/// An index member, and the session that it names.
pub(crate) struct Located {
    pub(crate) member: String,
    /// The key of the session and the reply to the query; nil if the key holds a value of another type. `None` if the
    /// session is gone.
    pub(crate) session: Option<(Key, Value)>,
}

impl Inner {
    /// The index sets of a value: one for each key that may have sealed it.
    pub(crate) fn indexes_of(&self, name: &str, value: &[u8]) -> Vec<Key> {
        if !is_indexed(value) {
            return Vec::new();
        }
        self.sealing.digests(name, value).iter().map(|digest| self.prefix.index(digest)).collect()
    }

    /// All members of an index set.
    pub(crate) async fn members(&self, client: &Client, index: &Key) -> Result<Vec<String>, StoreError> {
        let mut members = BTreeSet::new();
        let mut cursor = b"0".to_vec();
        loop {
            let reply = client.query(index, &zscan(index, &cursor), client.deadline()).await?;
            let (next, found) = read_zscan(&reply).ok_or_else(unexpected_reply)?;
            members.extend(found);
            if next == b"0" {
                return Ok(members.into_iter().collect());
            }
            cursor = next.to_vec();
        }
    }

    /// Sends a query to the sessions that members name. Follows sessions that were renewed. `chunk` depends on the
    /// length of the replies.
    pub(crate) async fn locate(
        &self,
        client: &Client,
        members: Vec<String>,
        query: impl Fn(&Key) -> Cmd,
        chunk: ChunkSize,
    ) -> Result<Vec<Located>, StoreError> {
        let mut result = Vec::with_capacity(members.len());
        // Each with the session's first key, and the key that is tried next.
        let mut pending: Vec<_> = members
            .into_iter()
            .filter_map(|member| {
                let origin = self.origin_key(&member)?;
                Some((member, origin.clone(), origin))
            })
            .collect();
        for _ in 0..MAX_TRIES {
            let calls = pending.iter().map(|(_, _, key)| Call { key: key.clone(), cmd: query(key) });
            let replies = client.query_all(&calls.collect::<Vec<_>>(), chunk).await?;
            let mut missing = Vec::new();
            for ((member, origin, key), reply) in pending.into_iter().zip(replies) {
                // A value of another type counts as found: there is no redirect to follow.
                let reply = reply.map_or(Some(Value::Nil), |reply| exists(&reply).then_some(reply));
                match reply {
                    Some(reply) => result.push(Located { member, session: Some((key, reply)) }),
                    None => missing.push((member, origin, key)),
                }
            }
            let calls = missing.iter().map(|(_, origin, _)| {
                let key = Prefix::redirect(origin);
                Call { cmd: redis::cmd("GET").arg(&key.name).take(), key }
            });
            let replies = client.query_all(&calls.collect::<Vec<_>>(), ChunkSize::SHORT_REPLIES).await?;
            pending = Vec::new();
            for ((member, origin, key), reply) in missing.into_iter().zip(replies) {
                match reply.as_ref().and_then(text).and_then(|hash| self.prefix.of_hash(hash)) {
                    Some(next) if next.name != key.name => pending.push((member, origin, next)),
                    _ => result.push(Located { member, session: None }),
                }
            }
            if pending.is_empty() {
                return Ok(result);
            }
        }
        Err(contended())
    }

    /// The key that the session of a member had when it was added.
    pub(crate) fn origin_key(&self, member: &str) -> Option<Key> {
        self.prefix.of_hash(origin_hash(member)?)
    }
}

pub(crate) fn zscan(index: &Key, cursor: &[u8]) -> Cmd {
    redis::cmd("ZSCAN").arg(&index.name).arg(cursor).arg("COUNT").arg(SCAN_COUNT).take()
}

/// The next cursor, and some members.
pub(crate) fn read_zscan(reply: &Value) -> Option<(&[u8], Vec<String>)> {
    let Value::Array(parts) = reply else { return None };
    let [next, entries] = parts.as_slice() else { return None };
    let members = pairs(entries)?.into_iter().filter_map(|(member, _)| str::from_utf8(member).ok());
    Some((bytes(next)?, members.map(str::to_owned).collect()))
}

/// Whether a reply is that of a key that exists.
fn exists(reply: &Value) -> bool {
    match reply {
        Value::Nil => false,
        Value::Array(items) => items.iter().any(|item| *item != Value::Nil),
        reply => pairs(reply).is_none_or(|pairs| !pairs.is_empty()),
    }
}
