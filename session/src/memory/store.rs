//! The store contract.

use session_core::{
    Capabilities, Cursor, HandleId, Page, Patch, Record, SessionLimit, Store, StoreError, Timestamp, Token,
    WriteOutcome,
};

use super::holders::{Held, Which};
use super::shard::{Found, Key};
use super::yielding::yield_now;
use super::{Inner, MemoryStore, key};

/// How often sessions of one value are looked for while some are renewed before they can be ended.
const ROUNDS: usize = 10_000;
/// How many sessions are looked at under one lock.
const STEPS: usize = 256;
/// A moment at which every session that is kept counts as live.
const ALWAYS: Timestamp = Timestamp::from_millis(0);

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

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(self.0.rewrite(token, now, |place| place.update(patch).map(Some)))
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        Ok(self.0.rewrite(token, now, |place| Ok(place.touch(idle_deadline))))
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
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

    /// Leaves out what was created after the first page, so that the list ends.
    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let (mut next, last) = match after {
            None => (Some(0), self.0.index.last_number()),
            Some(cursor) => read_cursor(cursor).map_or((None, 0), |(from, last)| (Some(from), last)),
        };
        let mut records = Vec::new();
        while let Some(from) = next
            && records.len() < limit.max(1)
        {
            let place = self.0.place(from);
            let steps = STEPS.min(limit.max(1) - records.len());
            let Found { found, rest } = self.0.lock(place).list(from, last, now, steps);
            records.extend(found);
            next = rest.or_else(|| self.0.start_of(place + 1));
            yield_now().await;
        }
        Ok(Page { records, next: next.map(|key| write_cursor(key, last)) })
    }

    /// Gives whole records: they are shared, not copied.
    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        _fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
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
        self.0.end_all((name, value), except.map_or(Which::All, Which::But), now).await
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        whose: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let which = Which::Only(id);
        if let Some(held) = whose {
            return Ok(self.0.end_all(held, which, now).await? > 0);
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

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_session_limits()
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        self.0.create_limited(record, limit, now)
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.0.renew_limited(token, patch, limit, now)
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

impl Inner {
    /// Ends the sessions of `which` that hold a value now, expired ones among them, and returns how many were live.
    async fn end_all(&self, held: Held<'_>, which: Which, now: Timestamp) -> Result<u64, StoreError> {
        let last = self.index.last_arrival(held);
        let mut ended = 0;
        for _ in 0..ROUNDS {
            let mut holders = self.holders(held, which, ALWAYS);
            // Who came since is not meant; a session that was renewed meanwhile has kept its place.
            holders.retain(|holder| holder.arrival <= last);
            if holders.is_empty() {
                return Ok(ended);
            }
            for holders in holders.chunks(STEPS) {
                for holder in holders {
                    ended += u64::from(self.end(holder.key, Some(held), which, now));
                }
                yield_now().await;
            }
        }
        Err(StoreError::Unavailable("sessions are renewed faster than they can be ended".into()))
    }
}

fn write_cursor(next: Key, last: u64) -> Cursor {
    Cursor([&next.to_be_bytes()[..], &last.to_be_bytes()].concat())
}

/// Where the next page begins, and the number of the last session that is listed.
fn read_cursor(cursor: &Cursor) -> Option<(Key, u64)> {
    let (next, last) = cursor.0.split_first_chunk()?;
    Some((Key::from_be_bytes(*next), u64::from_be_bytes(last.try_into().ok()?)))
}
