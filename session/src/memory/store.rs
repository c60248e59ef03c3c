//! Implementation of the store contract in memory.

use session_core::{
    Capabilities, Cursor, HandleId, Limited, Page, Patch, Record, Refusal, SessionLimit, Store, StoreError,
    Timestamp, Token, WriteOutcome,
};

use super::filter::HandleFilter;
use super::key::Key;
use super::memory_store::MemoryStore;
use super::walk::BATCH;

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.sessions.load(token, now))
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.sessions.create(record, now)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(self.sessions.change(token, now, |entry| entry.update(patch).map(Some)))
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        Ok(self.sessions.change(token, now, |entry| Ok(entry.touch(idle_deadline))))
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.sessions.renew(token, patch, now)
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        Ok(self.sessions.destroy(token))
    }

    async fn refusal(&self, token: &Token, now: Timestamp) -> Refusal {
        self.sessions.refusal(token, now)
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (mut walk, mut live) = (self.sessions.walk(Some(Key::MIN)), 0);
        while walk.visit(BATCH, |_, entry| live += u64::from(entry.is_live(now))).await {}
        Ok(live)
    }

    /// Omits sessions that were inserted after the first page, so that the list ends.
    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let limit = limit.max(1);
        let (from, last) = match after {
            None => (Some(Key::MIN), self.sessions.index.last_sequence()),
            Some(cursor) => read_cursor(cursor).map_or((None, 0), |(from, last)| (Some(from), last)),
        };
        let (mut walk, mut records) = (self.sessions.walk(from), Vec::new());
        while records.len() < limit {
            let max = BATCH.min(limit - records.len());
            let visited = walk.visit(max, |_, entry| {
                if entry.is_live(now) && entry.sequence() <= last {
                    records.push(entry.record().clone());
                }
            });
            if !visited.await {
                break;
            }
        }
        Ok(Page { records, next: walk.next_key().map(|key| write_cursor(key, last)) })
    }

    /// Returns whole records, since they are shared and not copied.
    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        _fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        Ok(self.sessions.find((name, value), now))
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let handle = except.map_or(HandleFilter::Any, HandleFilter::Except);
        self.sessions.end_holders((name, value), handle, now).await
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        whose: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match whose {
            Some(value) => {
                Ok(!self.sessions.end_holders(value, HandleFilter::Only(id), now).await?.is_empty())
            }
            None => Ok(self.sessions.end_by_id(id, now).await),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_session_limits()
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        self.sessions.create_limited(record, limit, now)
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        self.sessions.renew_limited(token, patch, limit, now)
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        Ok(self.sessions.remove_expired(Timestamp::NEVER).await)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.sessions.remove_expired(now).await)
    }
}

/// Returns the cursor of the page that begins at a key, of a list up to the sequence number `last`.
fn write_cursor(next: Key, last: u64) -> Cursor {
    Cursor([&next.to_be_bytes()[..], &last.to_be_bytes()].concat())
}

fn read_cursor(cursor: &Cursor) -> Option<(Key, u64)> {
    let (next, last) = cursor.0.split_first_chunk()?;
    Some((Key::from_be_bytes(*next), u64::from_be_bytes(last.try_into().ok()?)))
}
