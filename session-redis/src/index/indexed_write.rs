//! Writes of sessions together with their index entries.

use std::slice;

use redis::Cmd;
use session_core::{Limited, StoreError, Timestamp};
use tokio::time::Instant;

use crate::client::failure::contended;
use crate::client::send::Retry;
use crate::index::entry::Entry;
use crate::inner::Inner;
use crate::key::Key;
use crate::lua::script::Script;
use crate::outcome::{Outcome, ReachTooShort, parse_with_ended};

/// Maximum number of attempts of a write whose index sets must be extended first.
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
    /// Adds the entries to index sets elsewhere, then runs the script. `cmd` creates its call.
    pub(crate) async fn write_indexed(
        &self,
        write: &IndexedWrite<'_>,
        mut entries: Vec<Entry>,
        cmd: impl Fn(&[Entry], Option<&ReachTooShort>) -> Cmd,
    ) -> Result<Limited<Outcome>, StoreError> {
        let (begun, deadline) = (Instant::now(), self.client.deadline());
        let mut limited = None;
        if self.client.is_cluster() {
            let reach = write.reach.unwrap_or_else(|| self.horizon.reach(write.now));
            self.add_members(&mut entries, &write.new_key.hash(), reach, deadline).await?;
            limited = entries.iter().position(|entry| entry.limit.is_some());
        }
        if let Some(limited) = limited {
            return Box::pin(self.write_limited(write, &mut entries, limited, cmd, (begun, deadline))).await;
        }
        let Limited { mut result, evicted } = self.run_write(write, &mut entries, cmd, deadline).await?;
        if let Outcome::DoneStale(stale) = &result {
            // The members of replaced values are left to the next lookup, which prunes them.
            if entries.iter().all(|entry| entry.is_held) {
                self.remove_members(&self.client, stale, deadline).await;
            }
            result = Outcome::Done;
        }
        Ok(Limited { result, evicted })
    }

    /// Runs the script, and extends index sets elsewhere if its reply requests it.
    pub(crate) async fn run_write(
        &self,
        write: &IndexedWrite<'_>,
        entries: &mut [Entry],
        cmd: impl Fn(&[Entry], Option<&ReachTooShort>) -> Cmd,
        mut deadline: Instant,
    ) -> Result<Limited<Outcome>, StoreError> {
        let (mut extended, mut tries, mut evicted) = (None, 0, Vec::new());
        while tries < MAX_TRIES {
            // The time to seal a large session is not taken from the server.
            let begun = Instant::now();
            let cmd = cmd(entries, extended.as_ref());
            deadline += begun.elapsed();
            let reply = self.client.run(write.script, write.key, &cmd, write.retry, deadline).await?;
            let (result, ended) = parse_with_ended(&reply)?;
            evicted.extend(self.ids_of(&ended));
            match result {
                // Ends, since there are fewer sessions to evict each time.
                Outcome::MoreToEvict => {}
                Outcome::ReachTooShort(needed) => {
                    self.extend_members(&self.client, slice::from_ref(&needed), deadline).await?;
                    self.add_members(entries, &write.new_key.hash(), needed.reach, deadline).await?;
                    extended = Some(needed);
                    tries += 1;
                }
                result => return Ok(Limited { result, evicted }),
            }
        }
        Err(contended())
    }
}
