//! `SqlStore` and its implementation of the store contract.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use session_core::{
    Capabilities, Cursor, HandleId, Limited, Page, Patch, Record, Refusal, SessionLimit, Store, StoreError,
    Timestamp, Token, TokenSource, WriteOutcome,
};

use crate::backend::{Backend, with_backend};
use crate::outcome::Outcome;
use crate::pool::Pool;
use crate::seal::SealRing;
use crate::selection::Selection;
use crate::table::Table;

/// How many tokens are minted to find a free one.
const MAX_TRIES: u32 = 8;

/// Session store in an SQL database. Clones share the pool.
///
/// See the [crate's documentation](crate) for its guarantees.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_sql::SqlStore;
/// use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
///
/// # let dir = tempfile::tempdir()?;
/// # std::env::set_current_dir(&dir)?;
/// let options = SqliteConnectOptions::new()
///     .filename("sessions.db")
///     .create_if_missing(true)
///     .journal_mode(SqliteJournalMode::Wal);
/// let store = SqlStore::new(SqlitePoolOptions::new().connect_with(options).await?);
/// store.migrate().await?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct SqlStore {
    pub(crate) backend: Arc<Backend>,
    pub(crate) pool: Pool,
    pub(crate) table: Table,
    pub(crate) ring: Option<SealRing>,
    pub(crate) call_timeout: Duration,
    pub(crate) tokens: TokenSource,
}

impl SqlStore {
    async fn create_with_new_token(
        &self,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        for _ in 0..MAX_TRIES {
            let token = self.tokens.mint()?;
            let Some(key) = token.store_key() else { continue };
            let Limited { result, evicted } =
                with_backend!(self.backend, database => database.create(&key, record, limit, now).await)?;
            match result {
                Outcome::Done => return Ok(Limited { result: Some(token), evicted }),
                Outcome::LimitReached => return Ok(Limited { result: None, evicted }),
                Outcome::KeyInUse | Outcome::Gone | Outcome::Conflict(_) => {}
            }
        }
        Err(StoreError::NoFreeToken)
    }

    async fn renew_with_new_token(
        &self,
        token: &Token,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        let Some(key) = token.store_key() else { return Ok(WriteOutcome::Gone.into()) };
        for _ in 0..MAX_TRIES {
            let new_token = self.tokens.mint()?;
            let Some(new_key) = new_token.store_key().filter(|new_key| *new_key != key) else { continue };
            let Limited { result, evicted } = with_backend!(
                self.backend,
                database => database.renew(&key, &new_key, patch, limit, now).await
            )?;
            let result = match result {
                Outcome::KeyInUse => continue,
                Outcome::Done => WriteOutcome::NewToken(new_token),
                outcome => outcome.into_write_outcome()?,
            };
            return Ok(Limited { result, evicted });
        }
        Err(StoreError::NoFreeToken)
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").field("table", &self.table.qualified_name()).finish_non_exhaustive()
    }
}

impl Store for SqlStore {
    /// Returns `"mysql"`, `"postgres"` or `"sqlite"`.
    fn name(&self) -> &'static str {
        self.backend.name()
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(key) = token.store_key() else { return Ok(None) };
        with_backend!(self.backend, database => database.load(&key, now).await)
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.create_with_new_token(record, None, now).await?.result.ok_or(StoreError::NoFreeToken)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let Some(key) = token.store_key() else { return Ok(WriteOutcome::Gone) };
        let outcome = with_backend!(self.backend, database => database.update(&key, patch, now).await);
        outcome?.into_write_outcome()
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let Some(key) = token.store_key() else { return Ok(WriteOutcome::Gone) };
        let outcome = with_backend!(self.backend, database => database.touch(&key, idle_deadline, now).await);
        outcome?.into_write_outcome()
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(self.renew_with_new_token(token, patch, None, now).await?.result)
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Some(key) = token.store_key() else { return Ok(false) };
        with_backend!(self.backend, database => database.destroy(&key).await)
    }

    /// A session that has expired and was not swept yet is [`Refusal::Expired`].
    async fn refusal(&self, token: &Token, now: Timestamp) -> Refusal {
        let Some(key) = token.store_key() else { return Refusal::Malformed };
        match with_backend!(self.backend, database => database.is_expired(&key, now).await) {
            Ok(true) => Refusal::Expired,
            Ok(false) | Err(_) => Refusal::Unknown,
        }
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        with_backend!(self.backend, database => database.count(now).await)
    }

    /// Lists the newest sessions first. Those created after the first page are not listed.
    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        let before = match after {
            None => i64::MAX,
            Some(Cursor(id)) => match str::from_utf8(id).ok().and_then(|id| id.parse().ok()) {
                Some(id) => id,
                None => return Ok(Page::default()),
            },
        };
        let limit = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
        let (records, next) =
            with_backend!(self.backend, database => database.list(before, limit, now).await)?;
        Ok(Page { records, next: next.map(|id| Cursor(id.to_string().into_bytes())) })
    }

    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        with_backend!(self.backend, database => database.find_by(name, value, fields, now).await)
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let selection = except.map_or(Selection::All, Selection::Except);
        with_backend!(self.backend, database => database.destroy_by(name, value, selection, now).await)
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        with_backend!(self.backend, database => match holding {
            Some((name, value)) => {
                let destroyed = database.destroy_by(name, value, Selection::Only(id), now).await?;
                Ok(!destroyed.is_empty())
            }
            None => database.destroy_by_id(id, now).await,
        })
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
        self.create_with_new_token(record, Some(limit), now).await
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        self.renew_with_new_token(token, patch, Some(limit), now).await
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        with_backend!(self.backend, database => database.clear().await)
    }

    /// Removes expired names of the revocation list too, which are not counted.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        with_backend!(self.backend, database => {
            let sessions = database.sweep(now).await?;
            database.sweep_floors(now).await?;
            Ok(sessions)
        })
    }
}
