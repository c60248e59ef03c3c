//! Writes of one session.

use std::mem;
use std::sync::MutexGuard;

use session_core::{Conflict, Patch, Record, StoreError, Timestamp, Token, WriteOutcome};

use super::entry::Entry;
use super::key::{Key, key_of};
use super::sessions::Sessions;
use super::shard::{LiveEntry, Shard};
use super::shard_pair::ShardPair;

/// The maximum number of tokens that are generated to find one that is not taken.
const MAX_TOKENS: usize = 8;

impl Sessions {
    pub(super) fn destroy(&self, token: &Token) -> bool {
        let Some(key) = key_of(token) else { return false };
        let removed = self.lock_for(key).remove(key);
        self.release(usize::from(removed.is_some()));
        removed.is_some()
    }

    pub(super) fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let mut reservation = None;
        for _ in 0..MAX_TOKENS {
            let token = self.tokens.mint()?;
            let Some(key) = key_of(&token) else { continue };
            let shard = self.shard_of(key);
            reservation.get_or_insert_with(|| self.reserve(shard, now));
            if self.insert(shard, key, record, now) {
                // The session takes the reserved capacity.
                mem::forget(reservation);
                self.make_room(key, now);
                return Ok(token);
            }
        }
        Err(StoreError::NoFreeToken)
    }

    pub(super) fn renew(
        &self,
        token: &Token,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(old) = key_of(token) else { return Ok(WriteOutcome::Gone) };
        for _ in 0..MAX_TOKENS {
            let fresh = self.tokens.mint()?;
            let Some(new) = key_of(&fresh) else { continue };
            let mut pair = ShardPair::lock(self, old, new);
            let Some(entry) = pair.source().live(old, now) else { return Ok(WriteOutcome::Gone) };
            let renewed = match entry.record().apply(patch) {
                Ok(record) => record,
                Err(Conflict(field)) => return Ok(WriteOutcome::Conflict(field)),
            };
            // Inserted before the old one is removed, so that the index always has the session.
            if !pair.target().insert(new, &renewed, old) {
                continue;
            }
            let replaced = pair.source().remove(old);
            drop(pair);
            drop(replaced);
            self.make_room(new, now);
            return Ok(WriteOutcome::NewToken(fresh));
        }
        Err(StoreError::NoFreeToken)
    }

    /// Inserts a record unless its key is taken, and returns whether it did.
    fn insert(&self, shard: usize, key: Key, record: &Record, now: Timestamp) -> bool {
        let mut shard = self.lock(shard);
        let is_inserted = shard.insert(key, record, key);
        self.remove_few_expired(shard, now);
        is_inserted
    }

    /// Changes a live session. `change` returns the replaced entry, or `None` when it changed nothing.
    pub(super) fn change(
        &self,
        token: &Token,
        now: Timestamp,
        change: impl FnOnce(&mut LiveEntry<'_>) -> Result<Option<Entry>, Conflict>,
    ) -> WriteOutcome {
        let Some(key) = key_of(token) else { return WriteOutcome::Gone };
        let mut shard = self.lock_for(key);
        let Some(mut entry) = shard.live_mut(key, now) else { return WriteOutcome::Gone };
        let replaced = match change(&mut entry) {
            Ok(replaced) => replaced,
            Err(Conflict(field)) => return WriteOutcome::Conflict(field),
        };
        let has_grown = replaced.as_ref().is_some_and(|old| old.size() < entry.size());
        if replaced.as_ref().is_some_and(|old| old.deadline() != entry.deadline()) {
            self.remove_few_expired(shard, now);
        } else {
            drop(shard);
        }
        drop(replaced);
        if has_grown {
            self.make_room(key, now);
        }
        WriteOutcome::Done
    }

    /// Removes a few expired sessions, and frees them after the lock.
    fn remove_few_expired(&self, mut shard: MutexGuard<'_, Shard>, now: Timestamp) {
        let expired = shard.remove_few_expired(now);
        self.release(expired.len());
        drop(shard);
        drop(expired);
    }
}
