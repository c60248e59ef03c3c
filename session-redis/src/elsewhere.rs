//! Telling an index that is on another server than the session.

use redis::Value;
use session_core::{StoreError, Timestamp};
use tokio::time::Instant;

use crate::batch::Call;
use crate::index::{Join, Member};
use crate::layout::bytes;
use crate::outcome::{Unreached, unexpected};
use crate::script::ENTER;
use crate::servers::Servers;
use crate::store::Inner;

impl Inner {
    /// Tells the index what the session that will be at `to` is about to hold.
    pub(crate) async fn enter(
        &self,
        joins: &mut [Join],
        to: &str,
        reach: Timestamp,
        until: Instant,
    ) -> Result<(), StoreError> {
        let mut joins: Vec<_> = joins.iter_mut().filter(|join| !join.is_held).collect();
        let calls =
            joins.iter().map(|join| self.placing(&join.digest, join.member.as_deref().unwrap_or(to), reach));
        let calls: Vec<_> = calls.collect();
        let answers = self.servers.ask_together(&calls, Some(&ENTER), until).await?;
        for (join, answer) in joins.iter_mut().zip(&answers) {
            let (member, others) = answer.as_ref().and_then(read_entered).ok_or_else(unexpected)?;
            (join.reach, join.member, join.others) = (Some(reach), Some(member), others);
        }
        Ok(())
    }

    /// Makes the index name sessions for longer, or again.
    pub(crate) async fn prolong(
        &self,
        servers: &Servers,
        unreached: &[Unreached],
        until: Instant,
    ) -> Result<(), StoreError> {
        let mut calls = Vec::with_capacity(unreached.len());
        for Unreached { reach, held, .. } in unreached {
            calls.extend(held.iter().map(|held| self.placing(&held.digest, &held.member, *reach)));
        }
        let answers = servers.ask_together(&calls, Some(&ENTER), until).await?;
        answers.iter().all(Option::is_some).then_some(()).ok_or_else(unexpected)
    }

    /// Makes the index forget what sessions do not hold any more. That it fails does no harm.
    pub(crate) async fn forget(&self, servers: &Servers, left: &[Member], until: Instant) {
        let calls = left.iter().map(|left| {
            let key = self.prefix.index(&left.digest);
            Call { cmd: redis::cmd("ZREM").arg(&key.name).arg(&left.member).take(), key }
        });
        let calls: Vec<_> = calls.collect();
        servers.ask_together(&calls, None, until).await.ok();
    }

    fn placing(&self, digest: &str, member: &str, reach: Timestamp) -> Call {
        let key = self.prefix.index(digest);
        let cmd = self.servers.version(&ENTER).on(&[&key.name]).arg(member).arg(reach.as_millis()).take();
        Call { key, cmd }
    }
}

/// The member, and how many others there are.
fn read_entered(answer: &Value) -> Option<(String, usize)> {
    let Value::Array(parts) = answer else { return None };
    let [member, Value::Int(count)] = parts.as_slice() else { return None };
    let others = usize::try_from(*count).ok()?.saturating_sub(1);
    Some((str::from_utf8(bytes(member)?).ok()?.to_owned(), others))
}
