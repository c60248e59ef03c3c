//! Destroys sessions without reading records.

use session_core::{HandleId, StoreError, StoreKey, Timestamp};
use sqlx::Row as _;

use super::MySql;
use super::execute::Call;
use super::retry::Failure;
use super::script::Script;
use super::transaction::{Transaction, rows};
use crate::error::{Damage, failed};
use crate::index_key::{IndexKey, index_keys};
use crate::meta::encode_time;
use crate::rows::read_handle;
use crate::selection::Selection;
use crate::table::Statement;

/// Maximum number of rows that one statement removes, which limits the number of row locks.
const BATCH: i64 = 500;

impl MySql {
    pub(crate) async fn destroy(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let destroyed =
            self.execute(|| sqlx::query(self.statements.destroy.sql()).bind(&key.as_bytes()[..])).await;
        Ok(destroyed? > 0)
    }

    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        selection: Selection,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let digests = index_keys(name, value, self.seal.as_ref());
        self.transact(|| self.try_destroy_by(&digests, selection, now)).await
    }

    async fn try_destroy_by(
        &self,
        digests: &[IndexKey],
        selection: Selection,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, Failure> {
        let mut transaction = self.transaction().await?;
        let destroyed = self.lock_and_destroy(&mut transaction, digests, selection, now).await;
        if destroyed.is_ok() || self.roll_back(&mut transaction, &[]).await.is_ok() {
            transaction.release();
        }
        destroyed
    }

    /// Locks the sessions that hold a value, and deletes those that still hold it.
    async fn lock_and_destroy(
        &self,
        transaction: &mut Transaction,
        digests: &[IndexKey],
        selection: Selection,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, Failure> {
        let mut script = Script::new(&self.names);
        script.begin();
        let locked = script.lock_holders(digests);
        let holders = script.holders(digests, now);
        let replies = transaction.run(script).await.map_err(|error| Failure::failed(&error))?;
        let read = || {
            let locked = rows(&replies, locked).map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
            let (mut sessions, mut ids) = (Vec::new(), Vec::new());
            for row in rows(&replies, holders) {
                let (session, (id, is_live)) = (row.try_get(0)?, read_handle(row, 1)?);
                if locked.contains(&session) && selection.includes(id) {
                    sessions.push(session);
                    ids.extend(id.filter(|_| is_live));
                }
            }
            Ok((sessions, ids))
        };
        let (sessions, ids) = read().map_err(|error: sqlx::Error| Failure::failed(&error))?;
        let mut script = Script::new(&self.names);
        if !sessions.is_empty() {
            script.delete_all(&sessions);
        }
        script.commit();
        transaction.run(script).await.map_err(|error| Failure::unconfirmed(&error))?;
        Ok(ids)
    }

    /// Finds the session without row locks, since that scans the table.
    pub(crate) async fn destroy_by_id(&self, id: HandleId, now: Timestamp) -> Result<bool, StoreError> {
        let query =
            sqlx::query(self.statements.find_id.sql()).bind(encode_time(now)).bind(&id.as_bytes()[..]);
        let Some(row) = self.read(query).await? else { return Ok(false) };
        let (_, was_live) = read_handle(&row, 1).map_err(|error| failed(&error))?;
        let session: i64 = row.try_get(0).map_err(|error| failed(&error))?;
        let destroy =
            || sqlx::query(self.statements.destroy_by_id.sql()).bind(session).bind(&id.as_bytes()[..]);
        Ok(self.execute(destroy).await? > 0 && was_live)
    }

    /// Destroys the sessions that exist at the time of the call.
    pub(crate) async fn clear(&self) -> Result<u64, StoreError> {
        let row = self.read(sqlx::query(self.statements.last_id.sql())).await?.ok_or(Damage::Column)?;
        let last: Option<i64> = row.try_get(0).map_err(|error| failed(&error))?;
        let Some(last) = last else { return Ok(0) };
        self.repeat(|| sqlx::query(self.statements.clear.sql()).bind(last).bind(BATCH)).await
    }

    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.remove_expired(&self.statements.sweep, now).await
    }

    /// Removes the expired names of the revocation list.
    pub(crate) async fn sweep_floors(&self, now: Timestamp) -> Result<(), StoreError> {
        self.remove_expired(&self.statements.sweep_floors, now).await.map(drop)
    }

    async fn remove_expired(&self, statement: &Statement, now: Timestamp) -> Result<u64, StoreError> {
        self.repeat(|| sqlx::query(statement.sql()).bind(encode_time(now)).bind(BATCH)).await
    }

    /// Removes batches of rows until one is not full, and returns how many rows that were.
    async fn repeat<'q>(&self, batch: impl Fn() -> Call<'q>) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let more = self.execute(&batch).await?;
            removed += more;
            if more < BATCH.unsigned_abs() {
                return Ok(removed);
            }
        }
    }
}
