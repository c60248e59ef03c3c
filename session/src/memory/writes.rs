//! How one session is kept, changed and moved.

use std::mem;
use std::sync::MutexGuard;

use session_core::{Conflict, Patch, Record, StoreError, Timestamp, Token, WriteOutcome};

use super::pair::Pair;
use super::shard::{Entry, Key, Place, Shard};
use super::{Inner, key};

/// How many tokens are minted at most to find a free one.
const TRIES: usize = 8;

impl Inner {
    pub(super) fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let mut room = None;
        for _ in 0..TRIES {
            let token = self.tokens.mint()?;
            let Some(key) = key(&token) else { continue };
            let place = self.place(key);
            room.get_or_insert_with(|| self.make_room(place));
            if self.insert(place, key, record, now) {
                mem::forget(room);
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
        let Some(old) = key(token) else { return Ok(WriteOutcome::Gone) };
        for _ in 0..TRIES {
            let fresh = self.tokens.mint()?;
            let Some(new) = key(&fresh) else { continue };
            let mut pair = Pair::lock(self, old, new);
            let Some(entry) = pair.from().live(old, now) else { return Ok(WriteOutcome::Gone) };
            let renewed = match entry.record().apply(patch) {
                Ok(record) => record,
                Err(Conflict(field)) => return Ok(WriteOutcome::Conflict(field)),
            };
            // The index knows the new key before it forgets the old one.
            if !pair.to().insert(new, &renewed, old) {
                continue;
            }
            let replaced = pair.from().remove(old);
            drop(pair);
            drop(replaced);
            return Ok(WriteOutcome::NewToken(fresh));
        }
        Err(StoreError::NoFreeToken)
    }

    /// Keeps a record under a key, unless that is taken.
    fn insert(&self, place: usize, key: Key, record: &Record, now: Timestamp) -> bool {
        let mut shard = self.lock(place);
        let inserted = shard.insert(key, record, key);
        self.tidy(shard, now);
        inserted
    }

    /// Changes a live session.
    pub(super) fn rewrite(
        &self,
        token: &Token,
        now: Timestamp,
        change: impl FnOnce(&mut Place<'_>) -> Result<Option<Entry>, Conflict>,
    ) -> WriteOutcome {
        let Some(key) = key(token) else { return WriteOutcome::Gone };
        let mut shard = self.lock(self.place(key));
        let Some(mut place) = shard.live_mut(key, now) else { return WriteOutcome::Gone };
        let replaced = match change(&mut place) {
            Ok(replaced) => replaced,
            Err(Conflict(field)) => return WriteOutcome::Conflict(field),
        };
        if replaced.as_ref().is_some_and(|old| old.deadline() != place.deadline()) {
            self.tidy(shard, now);
        } else {
            drop(shard);
        }
        drop(replaced);
        WriteOutcome::Done
    }

    /// Removes a few expired sessions, and frees them after the lock.
    fn tidy(&self, mut shard: MutexGuard<'_, Shard>, now: Timestamp) {
        let expired = shard.tidy(now);
        self.forget(expired.len());
        drop(shard);
        drop(expired);
    }
}
