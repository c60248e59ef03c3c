//! Writes of sessions together with their index entries.

use std::slice;

use redis::Cmd;
use session_core::{StoreError, Timestamp};
use tokio::time::Instant;

use crate::client::failure::contended;
use crate::client::send::Retry;
use crate::index::entry::Entry;
use crate::inner::Inner;
use crate::key::Key;
use crate::lua::script::Script;
use crate::outcome::{Outcome, ReachTooShort};

/// How often a write is tried whose index sets must be extended first.
const MAX_TRIES: usize = 8;

/// A write of a session by a script.
pub(crate) struct IndexedWrite<'a> {
    pub(crate) script: &'a Script,
    /// Key of the session.
    pub(crate) key: &'a Key,
    /// Key of the session after the write.
    pub(crate) new_key: &'a Key,
    /// The reach of the session, if its deadlines are known.
    pub(crate) reach: Option<Timestamp>,
    pub(crate) now: Timestamp,
    pub(crate) retry: Retry,
}

impl IndexedWrite<'_> {
    pub(crate) fn is_renewal(&self) -> bool {
        self.key.name != self.new_key.name
    }
}

impl Inner {
    /// Adds the entries to index sets elsewhere, then runs the script. `cmd` makes its call.
    pub(crate) async fn write_indexed(
        &self,
        write: &IndexedWrite<'_>,
        mut entries: Vec<Entry>,
        cmd: impl Fn(&[Entry], Option<&ReachTooShort>) -> Cmd,
    ) -> Result<Outcome, StoreError> {
        let (begun, deadline) = (Instant::now(), self.client.deadline());
        let mut limited = None;
        if self.client.is_cluster() {
            let reach = write.reach.unwrap_or_else(|| self.horizon.reach(write.now));
            self.add_members(&mut entries, &write.new_key.hash(), reach, deadline).await?;
            limited = entries.iter().position(|entry| entry.limit.is_some());
        }
        if let Some(limited) = limited {
            return self.write_limited(write, &mut entries, limited, cmd, (begun, deadline)).await;
        }
        match self.run_write(write, &mut entries, cmd, deadline).await? {
            Outcome::DoneStale(stale) => {
                // The members of replaced values are left to the next lookup, which prunes them.
                if entries.iter().all(|entry| entry.is_held) {
                    self.remove_members(&self.client, &stale, deadline).await;
                }
                Ok(Outcome::Done)
            }
            outcome => Ok(outcome),
        }
    }

    /// Runs the script, and extends index sets elsewhere where it asks for that.
    pub(crate) async fn run_write(
        &self,
        write: &IndexedWrite<'_>,
        entries: &mut [Entry],
        cmd: impl Fn(&[Entry], Option<&ReachTooShort>) -> Cmd,
        mut deadline: Instant,
    ) -> Result<Outcome, StoreError> {
        let (mut extended, mut tries) = (None, 0);
        while tries < MAX_TRIES {
            // The time to seal a large session is not taken from the server.
            let begun = Instant::now();
            let cmd = cmd(entries, extended.as_ref());
            deadline += begun.elapsed();
            let reply = self.client.run(write.script, write.key, &cmd, write.retry, deadline).await?;
            match Outcome::parse(&reply)? {
                // Ends, since there are fewer sessions to evict each time.
                Outcome::MoreToEvict => {}
                Outcome::ReachTooShort(needed) => {
                    self.extend_members(&self.client, slice::from_ref(&needed), deadline).await?;
                    self.add_members(entries, &write.new_key.hash(), needed.reach, deadline).await?;
                    extended = Some(needed);
                    tries += 1;
                }
                outcome => return Ok(outcome),
            }
        }
        Err(contended())
    }
}
