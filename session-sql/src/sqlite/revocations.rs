//! The revocation list, one statement for each call.

use session_core::{Floor, StoreError, StoreKey, Timestamp};
use sqlx::AssertSqlSafe;

use super::Sqlite;
use crate::error::Damage;
use crate::floor::{Raise, read_floor, read_named_floor};
use crate::meta::encode_time;

impl Sqlite {
    /// Returns the floors of the names that have one.
    pub(crate) async fn floors(
        &self,
        names: &[StoreKey],
        now: Timestamp,
    ) -> Result<Vec<(StoreKey, Floor)>, StoreError> {
        let text = self.statements.floors.with_list(names.len());
        let find = || async {
            let mut query = sqlx::query(AssertSqlSafe(text.as_str())).bind(encode_time(now));
            for name in names {
                query = query.bind(&name.as_bytes()[..]);
            }
            Ok(query.fetch_all(&self.pool).await?)
        };
        self.read(find).await?.iter().map(read_named_floor).collect()
    }

    /// Raises a floor, and returns the previous one.
    pub(crate) async fn raise(&self, raise: &Raise) -> Result<Floor, StoreError> {
        let write = || async {
            let query = sqlx::query(self.statements.raise.sql())
                .bind(&raise.name.as_bytes()[..])
                .bind(&raise.value[..])
                .bind(raise.since)
                .bind(raise.expires_at)
                .bind(raise.now)
                .bind(&raise.call_id.as_bytes()[..]);
            // To the end of the statement, which commits.
            Ok(query.fetch_all(&self.pool).await?)
        };
        let rows = self.write(write).await?;
        read_floor(rows.first().ok_or(Damage::Column)?, 0)
    }
}
