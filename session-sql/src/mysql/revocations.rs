//! The revocation list, one round trip for each call.

use session_core::{Floor, StoreError, StoreKey, Timestamp};
use sqlx::AssertSqlSafe;

use super::MySql;
use super::connection::{Connection, rows};
use super::retry::Failure;
use super::script::Script;
use crate::error::{Damage, failed};
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
        let rows = query.fetch_all(self.pool()).await.map_err(|error| failed(&error))?;
        rows.iter().map(read_named_floor).collect()
    }

    /// Raises a floor, and returns the previous one.
    pub(crate) async fn raise(&self, raise: &Raise) -> Result<Floor, StoreError> {
        self.transact(|| self.try_raise(raise)).await
    }

    async fn try_raise(&self, raise: &Raise) -> Result<Floor, Failure> {
        let connection = Connection::acquire(self.pool()).await;
        let mut connection = connection.map_err(|error| Failure::failed(&error))?;
        let mut script = Script::new(&self.names);
        script.begin();
        script.raise(raise);
        let previous = script.previous_floor(&raise.name);
        script.commit();
        let replies = connection.run(script).await.map_err(|error| Failure::unconfirmed(&error));
        if replies.is_ok() || self.roll_back(&mut connection, &[]).await.is_ok() {
            connection.release();
        }
        let replies = replies?;
        let row = rows(&replies, previous).next().ok_or(Damage::Column)?;
        Ok(read_floor(row, 0)?)
    }
}
