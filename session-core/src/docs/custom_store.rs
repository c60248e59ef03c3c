// A store needs a name and six verbs. This one is a map behind a lock; yours may be a table
// with a primary key and a transaction. What each verb owes its callers is written at `Store`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::{
    Conflict, Cursor, Page, Patch, Record, Store, StoreError, StoreKey, Timestamp, Token, WriteOutcome,
};

/// Sessions in a map.
///
/// The key is a hash of the token. Whoever sees the map, a dump or a backup of it cannot use what
/// is there as a cookie.
#[derive(Default)]
pub struct MapStore(Mutex<BTreeMap<StoreKey, Record>>);

impl MapStore {
    fn records(&self) -> MutexGuard<'_, BTreeMap<StoreKey, Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MapStore {
    fn name(&self) -> &'static str {
        "map"
    }

    // Clients send anything. What is not a token has no key, so it costs nothing. What is expired
    // is treated as if it was never there: `now` is told, never asked for.
    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(key) = token.store_key() else { return Ok(None) };
        Ok(self.records().get(&key).filter(|record| record.is_live(now)).cloned())
    }

    // Tokens are minted here and nowhere else: one that a client made up is never adopted.
    async fn create(&self, record: &Record, _now: Timestamp) -> Result<Token, StoreError> {
        keep(&mut self.records(), record)
    }

    // A patch says what one request changed. Applying it to what is there now, under the lock,
    // lets two requests write different fields, and their additions add up.
    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(self.change(token, now, |record| record.apply(patch)))
    }

    async fn touch(
        &self,
        token: &Token,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        Ok(self.change(token, now, |record| record.apply(&Patch::new().touch(deadline))))
    }

    // One lock from the first look to the last write: nobody sees both tokens, or neither.
    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let mut records = self.records();
        let Some((key, record)) = live(&records, token, now) else { return Ok(WriteOutcome::Gone) };
        let record = match record.apply(patch) {
            Ok(record) => record,
            Err(Conflict(field)) => return Ok(WriteOutcome::Conflict(field)),
        };
        let fresh = keep(&mut records, &record)?;
        records.remove(&key);
        Ok(WriteOutcome::NewToken(fresh))
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Some(key) = token.store_key() else { return Ok(false) };
        Ok(self.records().remove(&key).is_some())
    }

    // The other verbs may be left out: they answer "unsupported" then.

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.records().values().filter(|record| record.is_live(now)).count() as u64)
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let records = self.records();
        let first = after.and_then(|Cursor(key)| key.as_slice().try_into().ok()).unwrap_or([0; 32]);
        let mut rest = records.range(StoreKey::from(first)..);
        let page = rest.by_ref().take(limit.max(1));
        let records = page.map(|(_, record)| record).filter(|record| record.is_live(now)).cloned().collect();
        Ok(Page { records, next: rest.next().map(|(key, _)| Cursor(key.as_bytes().to_vec())) })
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        Ok(std::mem::take(&mut *self.records()).len() as u64)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut records = self.records();
        let before = records.len();
        records.retain(|_, record| record.is_live(now));
        Ok((before - records.len()) as u64)
    }
}

impl MapStore {
    /// Replaces a live record by what `change` makes of it.
    fn change(
        &self,
        token: &Token,
        now: Timestamp,
        change: impl FnOnce(&Record) -> Result<Record, Conflict>,
    ) -> WriteOutcome {
        let mut records = self.records();
        let Some((key, record)) = live(&records, token, now) else { return WriteOutcome::Gone };
        match change(record) {
            Ok(changed) => {
                records.insert(key, changed);
                WriteOutcome::Done
            }
            Err(Conflict(field)) => WriteOutcome::Conflict(field),
        }
    }
}

/// Keeps a record under a fresh token, never over another record.
fn keep(records: &mut BTreeMap<StoreKey, Record>, record: &Record) -> Result<Token, StoreError> {
    for _ in 0..8 {
        let token = Token::random()?;
        if let Some(key) = token.store_key()
            && !records.contains_key(&key)
        {
            records.insert(key, record.clone());
            return Ok(token);
        }
    }
    Err(StoreError::NoFreeToken)
}

/// The live record of a token, with its key.
fn live<'a>(
    records: &'a BTreeMap<StoreKey, Record>,
    token: &Token,
    now: Timestamp,
) -> Option<(StoreKey, &'a Record)> {
    let key = token.store_key()?;
    records.get(&key).filter(|record| record.is_live(now)).map(|record| (key, record))
}

// The contract is also a test suite, in the feature `conformance`. It takes a constructor, and
// panics with the promise that is broken. In your crate this is a `#[tokio::test]`.
#[tokio::main]
async fn main() {
    session_core::conformance::run(async || MapStore::default()).await;
}
