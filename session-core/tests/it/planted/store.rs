//! A store in the tables of a database, which is correct but for one mistake.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use session_core::{
    Capabilities, Cursor, HandleId, Limited, Page, Patch, Record, SessionLimit, Store, StoreError, Timestamp,
    Token, TokenSource, WriteOutcome,
};
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::yield_now;

use super::Mistake;
use super::database::{Database, Key, Tables};

pub(crate) struct TableStore {
    pub(super) database: Arc<Database>,
    pub(super) number: u64,
    pub(super) mistake: Option<Mistake>,
    pub(super) tokens: TokenSource,
    /// Whether the store pauses before each statement.
    pub(super) pauses: bool,
    pub(super) is_down: AtomicBool,
    /// Held from the first to the last statement of an operation.
    pub(super) transaction: Mutex<()>,
}

impl TableStore {
    pub(super) fn new(database: &Arc<Database>, number: u64, mistake: Option<Mistake>) -> Self {
        Self {
            database: Arc::clone(database),
            number,
            mistake,
            tokens: TokenSource::default(),
            pauses: false,
            is_down: AtomicBool::new(false),
            transaction: Mutex::default(),
        }
    }

    pub(super) fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// Begins a transaction, unless it is the mistake not to.
    pub(super) async fn begin(&self, forgotten: &[Mistake]) -> Option<MutexGuard<'_, ()>> {
        if self.mistake.is_some_and(|mistake| forgotten.contains(&mistake)) {
            return None;
        }
        Some(self.transaction.lock().await)
    }

    /// Executes a statement.
    pub(super) async fn execute<T>(&self, statement: impl FnOnce(&mut Tables) -> T) -> Result<T, StoreError> {
        if self.pauses {
            yield_now().await;
        }
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("connection refused".into()));
        }
        Ok(statement(&mut self.database.lock()))
    }

    pub(super) fn key(&self, token: &Token) -> Option<Key> {
        Some((self.number, token.store_key()?.as_bytes().to_vec()))
    }

    pub(super) async fn read_live(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let row = self.execute(|tables| tables.sessions.get(key).map(|row| row.record.clone())).await?;
        let Some(bytes) = row else { return Ok(None) };
        let record = Record::from_bytes(bytes).map_err(|corrupt| StoreError::Corrupt(corrupt.into()))?;
        Ok(Some(record).filter(|record| record.is_live(now)))
    }
}

impl Store for TableStore {
    fn name(&self) -> &'static str {
        "tables"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(key) = self.key(token) else { return Ok(None) };
        match self.read_live(&key, now).await {
            Err(StoreError::Unavailable(_)) if self.has(Mistake::OutageIsNoSession) => Ok(None),
            Err(StoreError::Corrupt(_)) if self.has(Mistake::CorruptIsNoSession) => Ok(None),
            Err(StoreError::Corrupt(_)) if self.has(Mistake::ErrorsShowTokens) => {
                Err(StoreError::Corrupt(format!("cannot read the session of {}", token.expose()).into()))
            }
            result => result,
        }
    }

    async fn create(&self, record: &Record, _now: Timestamp) -> Result<Token, StoreError> {
        self.insert(record, None).await
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let written =
            self.write(token, patch, now, &[Mistake::UpdateInTwoSteps, Mistake::UpdateInserts]).await;
        match written {
            Err(StoreError::Unavailable(_)) if self.has(Mistake::OutageIsGone) => Ok(WriteOutcome::Gone),
            written => written,
        }
    }

    async fn touch(
        &self,
        token: &Token,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let patch = Patch::new().touch(deadline);
        self.write(token, &patch, now, &[Mistake::TouchInTwoSteps, Mistake::TouchInserts]).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let Some(key) = self.key(token) else { return Ok(WriteOutcome::Gone) };
        let _transaction = self.begin(&[Mistake::RenewInTwoSteps]).await;
        self.renew_in_transaction(&key, patch, now).await
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Some(key) = self.key(token) else { return Ok(false) };
        let _transaction = self.begin(&[Mistake::DestroyInTwoSteps]).await;
        if self.has(Mistake::DestroyInTwoSteps) {
            let was_there = self.execute(|tables| tables.sessions.contains_key(&key)).await?;
            self.execute(|tables| tables.remove(&key)).await?;
            return Ok(was_there);
        }
        let leaves_entries = self.has(Mistake::DestroyLeavesTheIndex);
        let destroyed = self.execute(|tables| {
            if leaves_entries { tables.sessions.remove(&key) } else { tables.remove(&key) }.is_some()
        });
        match destroyed.await {
            Err(_) if self.has(Mistake::OutageDestroysNothing) => Ok(false),
            destroyed => destroyed,
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_session_limits()
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        match self.live(now).await {
            Err(_) if self.has(Mistake::OutageCountsNothing) => Ok(0),
            live => Ok(live?.len() as u64),
        }
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        self.page(after, limit, now).await
    }

    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        _fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        self.find(name, value, now).await
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        self.destroy_holders(name, value, except, now).await
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.destroy_one(id, holding, now).await
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        self.create_within(record, limit, now).await
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        self.renew_within(token, patch, limit, now).await
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        let _transaction = self.begin(&[]).await;
        self.execute(|tables| {
            let keys = tables.keys(self.number);
            if self.has(Mistake::ClearClearsOtherStores) {
                tables.sessions.clear();
                tables.entries.clear();
            }
            for key in &keys {
                tables.remove(key);
            }
            keys.len() as u64
        })
        .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.sweep_expired(now).await
    }
}
