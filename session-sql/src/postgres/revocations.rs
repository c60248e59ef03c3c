//! The revocation list, one statement for each call.

use session_core::{Floor, StoreError, StoreKey, Timestamp};
use sqlx::query;

use super::Postgres;
use crate::error::Damage;
use crate::floor::{Raise, read_floor, read_named_floor};
use crate::meta::encode_time;

impl Postgres {
    /// Returns the floors of the names that have one.
    pub(crate) async fn floors(
        &self,
        names: &[StoreKey],
        now: Timestamp,
    ) -> Result<Vec<(StoreKey, Floor)>, StoreError> {
        let names: Vec<_> = names.iter().map(|name| name.as_bytes().as_slice()).collect();
        let call = query(self.statements.floors.sql()).bind(names).bind(encode_time(now));
        self.read_all(call).await?.iter().map(read_named_floor).collect()
    }

    /// Raises a floor, and returns the previous one.
    pub(crate) async fn raise(&self, raise: &Raise) -> Result<Floor, StoreError> {
        let call = || {
            query(self.statements.raise.sql())
                .bind(raise.name.as_bytes().as_slice())
                .bind(raise.value.as_slice())
                .bind(raise.since)
                .bind(raise.expires_at)
                .bind(raise.now)
                .bind(raise.call_id.as_bytes().as_slice())
        };
        read_floor(&self.execute(call).await?.ok_or(Damage::Column)?, 0)
    }
}
