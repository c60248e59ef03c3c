//! Reads, but for those of single sessions.

use session_core::{Record, StoreError, StoreKey, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::Postgres;
use super::fields::escape;
use super::held_value::HeldValue;
use super::row::read_record;
use crate::error::{Damage, failed};
use crate::meta::encode_time;

impl Postgres {
    /// Whether the key is that of a session that has expired.
    pub(crate) async fn is_expired(&self, key: &StoreKey, now: Timestamp) -> Result<bool, StoreError> {
        let call =
            || query(self.statements.is_expired.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
        Ok(self.read(call).await?.is_some())
    }

    pub(crate) async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let row = self.read(|| query(self.statements.count.sql()).bind(encode_time(now))).await?;
        let count: i64 = row.ok_or(Damage::Column)?.try_get(0).map_err(|error| failed(&error))?;
        Ok(count.unsigned_abs())
    }

    /// Returns the sessions with lower ids than `before`, and the id to go on with.
    pub(crate) async fn list(
        &self,
        before: i64,
        limit: i64,
        now: Timestamp,
    ) -> Result<(Vec<Record>, Option<i64>), StoreError> {
        let call = query(self.statements.list.sql()).bind(before).bind(encode_time(now)).bind(limit);
        let rows = self.read_all(call).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|length| length >= limit);
        let last: Option<i64> = match rows.last() {
            Some(row) if is_full => Some(row.try_get(0).map_err(|error| failed(&error))?),
            _ => None,
        };
        Ok((self.readable(&rows, now).collect(), last))
    }

    pub(crate) async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let held = HeldValue::new(name, value, self.seal.as_ref());
        let names: Vec<_> = fields.iter().map(|name| escape(name).into_owned()).collect();
        let call = held.bind(query(self.statements.find_by.sql())).bind(encode_time(now)).bind(&names);
        let rows = self.read_all(call).await?;
        Ok(self.readable(&rows, now).filter(|record| record.get(name) == Some(value)).collect())
    }

    /// The live sessions among these rows, without those that cannot be read.
    fn readable(&self, rows: &[PgRow], now: Timestamp) -> impl Iterator<Item = Record> {
        let records = rows.iter().filter_map(|row| read_record(row, self.seal.as_ref()).ok());
        records.filter(move |record| record.is_live(now))
    }
}
