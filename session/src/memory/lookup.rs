//! Lookup of sessions by token, handle id and indexed value, and revocation by the latter two.

use session_core::{HandleId, Record, Refusal, StoreError, Timestamp, Token};

use super::entry::Entry;
use super::filter::{HandleFilter, IndexedValue};
use super::index::Candidate;
use super::key::{Key, key_of};
use super::sessions::Sessions;
use super::walk::BATCH;
use super::yield_now::yield_now;

/// The maximum number of passes over the sessions of a value while some of them are renewed before they can be ended.
const MAX_PASSES: usize = 10_000;

impl Sessions {
    pub(super) fn load(&self, token: &Token, now: Timestamp) -> Option<Record> {
        let key = key_of(token)?;
        self.lock_for(key).live(key, now).map(|entry| entry.record().clone())
    }

    /// Returns the reason for refusing a token. An expired session is known until it is removed.
    pub(super) fn refusal(&self, token: &Token, now: Timestamp) -> Refusal {
        let Some(key) = key_of(token) else { return Refusal::Malformed };
        match self.lock_for(key).get(key) {
            Some(entry) if !entry.is_live(now) => Refusal::Expired,
            _ => Refusal::Unknown,
        }
    }

    /// Returns the live records that hold a value. Records are shared, not copied.
    pub(super) fn find(&self, value: IndexedValue<'_>, now: Timestamp) -> Vec<Record> {
        let found = self.index.candidates(value).into_iter().filter_map(|candidate| {
            let shard = self.lock_for(candidate.key);
            shard.live(candidate.key, now).map(|entry| entry.record().clone())
        });
        found.filter(|record| record.get(value.0) == Some(value.1)).collect()
    }

    /// Returns the sessions that hold a value, whose handle id matches, and that are live, or with `None` expired ones
    /// too. A session that is renewed at the same time is not missed.
    pub(super) fn holders(
        &self,
        value: IndexedValue<'_>,
        handle: HandleFilter,
        live_at: Option<Timestamp>,
    ) -> Vec<Candidate> {
        loop {
            let mut is_stale = false;
            let mut candidates = self.index.candidates(value);
            candidates.retain(|candidate| {
                let shard = self.lock_for(candidate.key);
                let entry = shard.get(candidate.key);
                is_stale |= entry.is_none();
                entry.is_some_and(|entry| {
                    live_at.is_none_or(|now| entry.is_live(now)) && entry.matches(value, handle)
                })
            });
            if !is_stale {
                return candidates;
            }
        }
    }

    /// Ends the session under a key if it matches, and returns its handle id if it was live.
    pub(super) fn end_if(
        &self,
        key: Key,
        now: Timestamp,
        matches: impl FnOnce(&Entry) -> bool,
    ) -> Option<HandleId> {
        let mut shard = self.lock_for(key);
        let ended = if shard.get(key).is_some_and(matches) { shard.remove(key) } else { None };
        drop(shard);
        self.release(usize::from(ended.is_some()));
        ended.filter(|ended| ended.is_live(now)).map(|ended| ended.record().meta().id)
    }

    /// Ends the live session with a handle id, and returns whether there was one.
    pub(super) async fn end_by_id(&self, id: HandleId, now: Timestamp) -> bool {
        let has_id = |entry: &Entry| entry.record().meta().id == id;
        let mut walk = self.walk(Some(Key::MIN));
        loop {
            let mut found = None;
            let visited = walk.visit(BATCH, |key, entry| {
                if entry.is_live(now) && has_id(entry) {
                    found = Some(key);
                }
            });
            if !visited.await {
                return false;
            }
            if found.is_some_and(|key| self.end_if(key, now, has_id).is_some()) {
                return true;
            }
        }
    }

    /// Ends the sessions that hold a value now and whose handle id matches, expired ones too, and returns the handle ids
    /// of those that were live.
    pub(super) async fn end_holders(
        &self,
        value: IndexedValue<'_>,
        handle: HandleFilter,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let last_arrival = self.index.last_arrival(value);
        let mut ended = Vec::new();
        for _ in 0..MAX_PASSES {
            let mut holders = self.holders(value, handle, None);
            // Sessions that began to hold the value after the call stay; a renewed session keeps its arrival.
            holders.retain(|holder| holder.arrival <= last_arrival);
            if holders.is_empty() {
                return Ok(ended);
            }
            for batch in holders.chunks(BATCH) {
                for holder in batch {
                    ended.extend(self.end_if(holder.key, now, |entry| entry.matches(value, handle)));
                }
                yield_now().await;
            }
        }
        Err(StoreError::Unavailable("sessions are renewed faster than they can be ended".into()))
    }
}
