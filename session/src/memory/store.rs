//! The store contract.

use std::mem;
use std::sync::MutexGuard;

use session_core::{Conflict, Cursor, Page, Patch, Record, Store, StoreError, Timestamp, Token, Written};

use super::pair::Pair;
use super::shard::{Entry, Found, Key, Shard};
use super::yielding::yield_now;
use super::{Inner, MemoryStore, key};

/// How many tokens are minted at most to find a free one.
const TRIES: usize = 8;
/// How many sessions are looked at under one lock.
const STEPS: usize = 256;

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(key(token).and_then(|key| {
            let shard = self.0.lock(self.0.place(key));
            shard.live(key, now).map(|entry| entry.record().clone())
        }))
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let mut room = None;
        for _ in 0..TRIES {
            let token = self.0.tokens.mint()?;
            let Some(key) = key(&token) else { continue };
            let place = self.0.place(key);
            room.get_or_insert_with(|| self.0.make_room(place));
            if self.0.insert(place, key, record, now) {
                mem::forget(room);
                return Ok(token);
            }
        }
        Err(StoreError::NoFreeToken)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        Ok(self.0.rewrite(token, now, |record| record.apply(patch).map(Some)))
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        Ok(self.0.rewrite(token, now, |record| {
            let later = record.meta().idle_deadline < idle_deadline;
            Ok(later.then(|| record.with_idle_deadline(idle_deadline)))
        }))
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        let Some(old) = key(token) else { return Ok(Written::Gone) };
        for _ in 0..TRIES {
            let fresh = self.0.tokens.mint()?;
            let Some(new) = key(&fresh) else { continue };
            let mut pair = Pair::lock(&self.0, old, new);
            if pair.to().holds(new) {
                continue;
            }
            let Some(entry) = pair.from().live(old, now) else { return Ok(Written::Gone) };
            let renewed = match entry.record().apply(patch) {
                Ok(record) => Entry::new(record),
                Err(Conflict(field)) => return Ok(Written::Conflict(field)),
            };
            let replaced = pair.from().remove(old);
            pair.to().insert(new, renewed);
            drop(pair);
            drop(replaced);
            return Ok(Written::Moved(fresh));
        }
        Err(StoreError::NoFreeToken)
    }

    async fn destroy(&self, token: &Token) -> Result<(), StoreError> {
        let Some(key) = key(token) else { return Ok(()) };
        let removed = self.0.lock(self.0.place(key)).remove(key);
        self.0.forget(usize::from(removed.is_some()));
        Ok(())
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut live = 0;
        for place in 0..self.0.shards.len() {
            let mut next = Some(0);
            while let Some(from) = next {
                let Found { found, rest } = self.0.lock(place).count(from, now, STEPS);
                live += found;
                next = rest;
                yield_now().await;
            }
        }
        Ok(live)
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let mut next = after.map_or(Some(0), read_cursor);
        let mut records = Vec::new();
        while let Some(from) = next
            && records.len() < limit.max(1)
        {
            let place = self.0.place(from);
            let steps = STEPS.min(limit.max(1) - records.len());
            let Found { found, rest } = self.0.lock(place).list(from, now, steps);
            records.extend(found);
            next = rest.or_else(|| self.0.start_of(place + 1));
            yield_now().await;
        }
        Ok(Page { records, next: next.map(|key| Cursor(key.to_be_bytes().to_vec())) })
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        let mut cleared = 0;
        for place in 0..self.0.shards.len() {
            let taken = self.0.lock(place).take();
            self.0.forget(taken.len());
            cleared += taken.len() as u64;
            for (step, entry) in taken.into_values().enumerate() {
                drop(entry);
                if step % STEPS == 0 {
                    yield_now().await;
                }
            }
        }
        Ok(cleared)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut swept = 0;
        for place in 0..self.0.shards.len() {
            let mut next = Some(0);
            while let Some(from) = next {
                let Found { found, rest } = self.0.lock(place).remove_expired(from, now, STEPS);
                self.0.forget(found.len());
                swept += found.len() as u64;
                next = rest;
                drop(found);
                yield_now().await;
            }
        }
        Ok(swept)
    }
}

fn read_cursor(cursor: &Cursor) -> Option<Key> {
    Some(Key::from_be_bytes(cursor.0.as_slice().try_into().ok()?))
}

impl Inner {
    /// Keeps a record under a key, unless that is taken.
    fn insert(&self, place: usize, key: Key, record: &Record, now: Timestamp) -> bool {
        let mut shard = self.lock(place);
        if shard.holds(key) {
            return false;
        }
        shard.insert(key, Entry::new(record.clone()));
        self.tidy(shard, now);
        true
    }

    /// Replaces a live record by what `change` makes of it, if anything.
    fn rewrite(
        &self,
        token: &Token,
        now: Timestamp,
        change: impl FnOnce(&Record) -> Result<Option<Record>, Conflict>,
    ) -> Written {
        let Some(key) = key(token) else { return Written::Gone };
        let mut shard = self.lock(self.place(key));
        let Some(entry) = shard.live_mut(key, now) else { return Written::Gone };
        let replaced = match change(entry.record()) {
            Ok(record) => record.map(|record| entry.replace(record)),
            Err(Conflict(field)) => return Written::Conflict(field),
        };
        self.tidy(shard, now);
        drop(replaced);
        Written::Kept
    }

    /// Removes a few expired sessions, and frees them after the lock.
    fn tidy(&self, mut shard: MutexGuard<'_, Shard>, now: Timestamp) {
        let expired = shard.tidy(now);
        self.forget(expired.len());
        drop(shard);
        drop(expired);
    }

    /// The least key of a shard.
    fn start_of(&self, place: usize) -> Option<Key> {
        let shift = Key::BITS - self.shards.len().ilog2();
        (place < self.shards.len()).then(|| (place as Key) << shift)
    }
}
