//! The revocation list, one round trip for each call.

use session_core::{Floor, StoreError, StoreKey, Timestamp};
use sqlx::AssertSqlSafe;

use super::MySql;
use super::retry::Failure;
use super::script::Script;
use super::transaction::rows;
use crate::error::Damage;
use crate::floor::{Raise, read_floor, read_named_floor};
use crate::meta::encode_time;

impl MySql {
    /// Returns the floors of the names that have one.
    pub(crate) async fn floors(
        &self,
        names: &[StoreKey],
        now: Timestamp,
    ) -> Result<Vec<(StoreKey, Floor)>, StoreError> {
        let text = self.statements.floors.with_list(names.len());
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(encode_time(now));
        for name in names {
            query = query.bind(&name.as_bytes()[..]);
        }
        let rows = self.read_all(query).await?;
        rows.iter().map(read_named_floor).collect()
    }

    /// Raises a floor, and returns the previous one.
    pub(crate) async fn raise(&self, raise: &Raise) -> Result<Floor, StoreError> {
        self.transact(|| self.try_raise(raise)).await
    }

    async fn try_raise(&self, raise: &Raise) -> Result<Floor, Failure> {
        let mut transaction = self.transaction().await?;
        let mut script = Script::new(&self.names);
        script.begin();
        script.raise(raise);
        let previous = script.previous_floor(&raise.name);
        script.commit();
        let replies = transaction.run(script).await.map_err(|error| Failure::unconfirmed(&error));
        if replies.is_ok() || self.roll_back(&mut transaction, &[]).await.is_ok() {
            transaction.release();
        }
        let replies = replies?;
        let row = rows(&replies, previous).next().ok_or(Damage::Column)?;
        Ok(read_floor(row, 0)?)
    }
}
