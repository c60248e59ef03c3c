//! The end of sessions.

use session_core::{HandleId, StoreError, StoreKey, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::Postgres;
use super::held_value::HeldValue;
use super::reply::read_handle_ids;
use crate::error::{Damage, failed};
use crate::meta::encode_time;
use crate::selection::Selection;
use crate::table::Statement;

/// Rows that one statement removes at most, so that it locks them only briefly.
const BATCH: i64 = 2_000;

/// What one of several statements has destroyed.
struct Batch {
    count: i64,
    last_id: Option<i64>,
}

impl Batch {
    fn read(row: &PgRow) -> Result<Self, StoreError> {
        let columns = || Ok(Self { count: row.try_get(0)?, last_id: row.try_get(1)? });
        columns().map_err(|error| failed(&error))
    }

    /// Returns the id after which the next batch starts, if this one was not the last.
    fn next(&self) -> Option<i64> {
        self.last_id.filter(|_| self.count >= BATCH)
    }
}

impl Postgres {
    pub(crate) async fn destroy(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let call = || query(self.statements.destroy.sql()).bind(key.as_bytes().as_slice());
        Ok(self.execute(call).await?.is_some())
    }

    /// Destroys sessions that hold a value, expired ones and those that cannot be read included, and returns the handle
    /// ids of those that are live and can be read.
    pub(crate) async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        selection: Selection,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        let held = HeldValue::new(name, value, self.seal.as_ref());
        let (id, is_only) = match &selection {
            Selection::All => (None, false),
            Selection::Except(id) => (Some(id.as_bytes().as_slice()), false),
            Selection::Only(id) => (Some(id.as_bytes().as_slice()), true),
        };
        let (mut destroyed, mut after) = (Vec::new(), Some(0));
        while let Some(start) = after {
            let call = || {
                held.bind(query(self.statements.destroy_by.sql()))
                    .bind(id)
                    .bind(is_only)
                    .bind(encode_time(now))
                    .bind(start)
                    .bind(BATCH)
            };
            let row = self.execute(call).await?.ok_or(Damage::Column)?;
            after = Batch::read(&row)?.next();
            destroyed.extend(read_handle_ids(&row, 2)?);
        }
        Ok(destroyed)
    }

    pub(crate) async fn destroy_by_id(&self, id: HandleId, now: Timestamp) -> Result<bool, StoreError> {
        let call = || {
            query(self.statements.destroy_by_id.sql()).bind(id.as_bytes().as_slice()).bind(encode_time(now))
        };
        let is_live = |row: PgRow| row.try_get(0).map_err(|error| failed(&error));
        self.execute(call).await?.map_or(Ok(false), is_live)
    }

    /// Destroys the sessions that exist when it is called.
    pub(crate) async fn clear(&self) -> Result<u64, StoreError> {
        let row = self.read(|| query(self.statements.last_id.sql())).await?;
        let last: Option<i64> = row.ok_or(Damage::Column)?.try_get(0).map_err(|error| failed(&error))?;
        let (mut count, mut after) = (0, last.map(|_| 0));
        while let Some(start) = after {
            let call = || query(self.statements.clear.sql()).bind(last).bind(start).bind(BATCH);
            let batch = Batch::read(&self.execute(call).await?.ok_or(Damage::Column)?)?;
            count += batch.count.unsigned_abs();
            after = batch.next();
        }
        Ok(count)
    }

    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.remove_expired(&self.statements.sweep, now).await
    }

    /// Removes the expired names of the revocation list.
    pub(crate) async fn sweep_floors(&self, now: Timestamp) -> Result<(), StoreError> {
        self.remove_expired(&self.statements.sweep_floors, now).await.map(drop)
    }

    /// Executes a statement that removes some rows until there are no more, and returns their number.
    async fn remove_expired(&self, statement: &Statement, now: Timestamp) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let call = || query(statement.sql()).bind(encode_time(now)).bind(BATCH);
            let row = self.execute(call).await?;
            let removed: i64 = row.ok_or(Damage::Column)?.try_get(0).map_err(|error| failed(&error))?;
            count += removed.unsigned_abs();
            if removed < BATCH {
                return Ok(count);
            }
        }
    }
}
