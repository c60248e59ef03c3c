//! Destroys sessions with single statements, none of which reads a record.

use session_core::{HandleId, StoreError, StoreKey, Timestamp};
use sqlx::Row as _;

use super::Sqlite;
use super::retry::Failure;
use crate::index_key::index_keys;
use crate::meta::encode_time;
use crate::rows::read_handle;
use crate::selection::Selection;
use crate::table::Statement;

/// Maximum number of rows that one statement removes, so that other writes are not blocked for long.
const BATCH: i64 = 500;

impl Sqlite {
    pub(crate) async fn destroy(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let destroy = || async {
            let query = sqlx::query(self.statements.destroy.sql()).bind(&key.as_bytes()[..]);
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        };
        self.write(destroy).await
    }

    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        selection: Selection,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let digests = index_keys(name, value, self.seal.as_ref());
        let (only, except) = match &selection {
            Selection::All => (None, None),
            Selection::Only(id) => (Some(&id.as_bytes()[..]), None),
            Selection::Except(id) => (None, Some(&id.as_bytes()[..])),
        };
        let destroy = || async {
            let mut query = sqlx::query(self.statements.destroy_by.sql());
            for digest in &digests {
                query = query.bind(&digest[..]);
            }
            let mut ids = Vec::new();
            for row in query.bind(only).bind(except).bind(encode_time(now)).fetch_all(&self.pool).await? {
                if let (Some(id), true) = read_handle(&row, 0)? {
                    ids.push(id);
                }
            }
            Ok(ids)
        };
        self.write(destroy).await
    }

    /// Finds the session without holding the write lock, since that scans the table.
    pub(crate) async fn destroy_by_id(&self, id: HandleId, now: Timestamp) -> Result<bool, StoreError> {
        let find = || async {
            let query = sqlx::query(self.statements.find_id.sql()).bind(&id.as_bytes()[..]);
            let row = query.fetch_optional(&self.pool).await?;
            Ok(row.map(|row| row.try_get::<i64, _>(0)).transpose()?)
        };
        let Some(session) = self.read(find).await? else { return Ok(false) };
        let destroy = || async {
            let query = sqlx::query(self.statements.destroy_by_id.sql())
                .bind(session)
                .bind(&id.as_bytes()[..])
                .bind(encode_time(now));
            // To the end of the statement, which commits.
            let rows = query.fetch_all(&self.pool).await?;
            Ok(rows.first().map(|row| read_handle(row, 0)).transpose()?.is_some_and(|(_, is_live)| is_live))
        };
        self.write(destroy).await
    }

    /// Destroys the sessions that exist at the time of the call.
    pub(crate) async fn clear(&self) -> Result<u64, StoreError> {
        let last = || async {
            let row = sqlx::query(self.statements.last_id.sql()).fetch_one(&self.pool).await?;
            Ok(row.try_get::<Option<i64>, _>(0)?)
        };
        let Some(last) = self.read(last).await? else { return Ok(0) };
        let batch = || async {
            let query = sqlx::query(self.statements.clear.sql()).bind(last).bind(BATCH);
            Ok(query.execute(&self.pool).await?.rows_affected())
        };
        self.repeat(batch).await
    }

    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.remove_expired(&self.statements.sweep, now).await
    }

    /// Removes the expired names of the revocation list.
    pub(crate) async fn sweep_floors(&self, now: Timestamp) -> Result<(), StoreError> {
        self.remove_expired(&self.statements.sweep_floors, now).await.map(drop)
    }

    async fn remove_expired(&self, statement: &Statement, now: Timestamp) -> Result<u64, StoreError> {
        let batch = || async {
            let query = sqlx::query(statement.sql()).bind(encode_time(now)).bind(BATCH);
            Ok(query.execute(&self.pool).await?.rows_affected())
        };
        self.repeat(batch).await
    }

    /// Removes batches of rows until one is not full, and returns how many rows that were.
    async fn repeat<F>(&self, batch: impl Fn() -> F) -> Result<u64, StoreError>
    where
        F: Future<Output = Result<u64, Failure>>,
    {
        let mut removed = 0;
        loop {
            let more = self.write(&batch).await?;
            removed += more;
            if more < BATCH.unsigned_abs() {
                return Ok(removed);
            }
        }
    }
}
