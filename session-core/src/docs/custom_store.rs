// A store in a map behind a mutex. A store in a database looks the same: a table whose primary key
// is the store key, and a transaction in place of the lock. The documentation of `Store` specifies
// each method.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::conformance::{self, Harness};
use session_core::{
    Conflict, Cursor, Page, Patch, Record, Store, StoreError, StoreKey, Timestamp, Token, TokenSource,
    WriteOutcome,
};

/// Records by the hash of their token, so that a dump of the map contains no usable cookies.
type Records = BTreeMap<StoreKey, Record>;

/// A session store in memory.
#[derive(Default)]
pub struct MapStore {
    records: Mutex<Records>,
    // Tests replace the source of new tokens. By default tokens are random.
    tokens: TokenSource,
}

impl Store for MapStore {
    fn name(&self) -> &'static str {
        "map"
    }

    // A malformed token has no key. Expired records are treated as absent; the time is an argument.
    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(find_live(&self.lock(), token, now).map(|(_, record)| record.clone()))
    }

    // Tokens are generated here only. A token that a client sends is never adopted.
    async fn create(&self, record: &Record, _now: Timestamp) -> Result<Token, StoreError> {
        self.insert(&mut self.lock(), record)
    }

    // The patch is applied to the current record under the lock. Concurrent requests can therefore
    // write different fields, and their additions to a counter sum up.
    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let mut records = self.lock();
        let Some((key, record)) = find_live(&records, token, now) else { return Ok(WriteOutcome::Gone) };
        match record.apply(patch) {
            Ok(record) => records.insert(key, record),
            Err(Conflict(field)) => return Ok(WriteOutcome::Conflict(field)),
        };
        Ok(WriteOutcome::Done)
    }

    async fn touch(
        &self,
        token: &Token,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.update(token, &Patch::new().touch(deadline), now).await
    }

    // The lock is held throughout, so at no time are both tokens valid, or neither.
    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let mut records = self.lock();
        let Some((key, record)) = find_live(&records, token, now) else { return Ok(WriteOutcome::Gone) };
        let record = match record.apply(patch) {
            Ok(record) => record,
            Err(Conflict(field)) => return Ok(WriteOutcome::Conflict(field)),
        };
        let new_token = self.insert(&mut records, &record)?;
        records.remove(&key);
        Ok(WriteOutcome::NewToken(new_token))
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Some(key) = token.store_key() else { return Ok(false) };
        Ok(self.lock().remove(&key).is_some())
    }

    // The remaining methods are optional. They return `StoreError::Unsupported` by default.

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.lock().values().filter(|record| record.is_live(now)).count() as u64)
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let records = self.lock();
        let first = after.and_then(|Cursor(key)| key.as_slice().try_into().ok()).unwrap_or([0; 32]);
        let mut rest = records.range(StoreKey::from(first)..);
        let page = rest.by_ref().take(limit.max(1));
        let records = page.map(|(_, record)| record).filter(|record| record.is_live(now)).cloned().collect();
        Ok(Page { records, next: rest.next().map(|(key, _)| Cursor(key.as_bytes().to_vec())) })
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        Ok(std::mem::take(&mut *self.lock()).len() as u64)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut records = self.lock();
        let before = records.len();
        records.retain(|_, record| record.is_live(now));
        Ok((before - records.len()) as u64)
    }
}

impl MapStore {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Inserts a record under a new token. Never overwrites a record.
    fn insert(&self, records: &mut Records, record: &Record) -> Result<Token, StoreError> {
        for _ in 0..8 {
            let token = self.tokens.mint()?;
            if let Some(key) = token.store_key()
                && !records.contains_key(&key)
            {
                records.insert(key, record.clone());
                return Ok(token);
            }
        }
        Err(StoreError::NoFreeToken)
    }
}

/// Returns the live record of a token and its key.
fn find_live<'a>(records: &'a Records, token: &Token, now: Timestamp) -> Option<(StoreKey, &'a Record)> {
    let key = token.store_key()?;
    records.get(&key).filter(|record| record.is_live(now)).map(|record| (key, record))
}

// The feature `conformance` provides a test suite for the contract. It panics with the sentence that is
// violated. A constructor is enough for it, `conformance::run(async || MapStore::default())`; a harness
// that offers more lets it check more.

struct MapHarness;

impl Harness for MapHarness {
    type Store = MapStore;

    async fn make(&self) -> MapStore {
        MapStore::default()
    }

    async fn make_with_tokens(&self, tokens: TokenSource) -> Option<MapStore> {
        Some(MapStore { tokens, ..MapStore::default() })
    }

    async fn dump(&self, store: &MapStore) -> Option<Vec<u8>> {
        let records = store.lock();
        let stored = records.iter().map(|(key, record)| [key.as_bytes(), record.as_bytes()].concat());
        Some(stored.collect::<Vec<_>>().concat())
    }
}

// In your crate, call it in a `#[tokio::test]`.
#[tokio::main]
async fn main() {
    conformance::run(MapHarness).await;
}
