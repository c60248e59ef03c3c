//! The store contract.

use session_core::{
    Cap, Cursor, HandleId, Page, Patch, Record, Store, StoreError, Timestamp, Token, Written,
};

use super::holders::Which;
use super::shard::{Found, Key};
use super::yielding::yield_now;
use super::{MemoryStore, key};

/// How often sessions of one value are looked for, when each time there are some to be ended.
const ROUNDS: usize = 8;
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
        self.0.create(record, now)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        Ok(self.0.rewrite(token, now, |place| place.update(patch).map(Some)))
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        Ok(self.0.rewrite(token, now, |place| Ok(place.touch(idle_deadline))))
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        self.0.renew(token, patch, now)
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Some(key) = key(token) else { return Ok(false) };
        let removed = self.0.lock(self.0.place(key)).remove(key);
        self.0.forget(usize::from(removed.is_some()));
        Ok(removed.is_some())
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

    async fn find_by(&self, name: &str, value: &[u8], now: Timestamp) -> Result<Vec<Record>, StoreError> {
        let holders = self.0.index.holders((name, value));
        let found = holders.into_iter().filter_map(|holder| {
            let shard = self.0.lock(self.0.place(holder.key));
            shard.live(holder.key, now).map(|entry| entry.record().clone())
        });
        Ok(found.filter(|record| record.get(name) == Some(value)).collect())
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (held, which) = ((name, value), except.map_or(Which::All, Which::But));
        let mut destroyed = 0;
        // A session that was renewed meanwhile has another key, which the index knew before the old one was gone.
        for _ in 0..ROUNDS {
            let holders = self.0.holders(held, which, now);
            if holders.is_empty() {
                break;
            }
            for holder in holders {
                destroyed += u64::from(self.0.end(holder.key, Some(held), which, now));
            }
        }
        Ok(destroyed)
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        whose: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let which = Which::Only(id);
        if let Some(held) = whose {
            for _ in 0..ROUNDS {
                let holders = self.0.holders(held, which, now);
                if holders.iter().any(|holder| self.0.end(holder.key, whose, which, now)) {
                    return Ok(true);
                }
                if holders.is_empty() {
                    break;
                }
            }
            return Ok(false);
        }
        for place in 0..self.0.shards.len() {
            let mut next = Some(0);
            while let Some(from) = next {
                let Found { found, rest } = self.0.lock(place).find(from, id, now, STEPS);
                if found.is_some_and(|key| self.0.end(key, None, which, now)) {
                    return Ok(true);
                }
                next = rest;
                yield_now().await;
            }
        }
        Ok(false)
    }

    fn offers_caps(&self) -> bool {
        true
    }

    async fn create_within(
        &self,
        record: &Record,
        cap: Cap<'_>,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        self.0.create_within(record, cap, now)
    }

    async fn renew_within(
        &self,
        token: &Token,
        patch: &Patch,
        cap: Cap<'_>,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        self.0.renew_within(token, patch, cap, now)
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        let mut cleared = 0;
        for place in 0..self.0.shards.len() {
            let mut next = Some(0);
            while let Some(from) = next {
                let Found { found, rest } = self.0.lock(place).remove_all(from, STEPS);
                self.0.forget(found.len());
                cleared += found.len() as u64;
                next = rest;
                drop(found);
                yield_now().await;
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
