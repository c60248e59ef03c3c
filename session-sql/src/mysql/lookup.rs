//! Loads, counts, lists and finds sessions, each with one statement.

use session_core::{Record, StoreError, StoreKey, Timestamp};
use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::MySql;
use crate::error::{Damage, failed};
use crate::index_key::index_keys;
use crate::meta::encode_time;
use crate::rows::read_session;

impl MySql {
    pub(crate) async fn load(&self, key: &StoreKey, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let query = sqlx::query(self.statements.load.sql()).bind(&key.as_bytes()[..]).bind(encode_time(now));
        match self.read(query).await? {
            Some(row) => read_session(&row, self.seal.as_ref(), now),
            None => Ok(None),
        }
    }

    /// Whether there is a session that has expired.
    pub(crate) async fn is_expired(&self, key: &StoreKey, now: Timestamp) -> Result<bool, StoreError> {
        let query =
            sqlx::query(self.statements.is_expired.sql()).bind(&key.as_bytes()[..]).bind(encode_time(now));
        Ok(self.read(query).await?.is_some())
    }

    pub(crate) async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let query = sqlx::query(self.statements.count.sql()).bind(encode_time(now));
        let row = self.read(query).await?.ok_or(Damage::Column)?;
        Ok(row.try_get::<i64, _>(0).map_err(|error| failed(&error))?.unsigned_abs())
    }

    /// Returns live records with smaller ids, and the id at which the next page starts.
    pub(crate) async fn list(
        &self,
        before: i64,
        limit: i64,
        now: Timestamp,
    ) -> Result<(Vec<Record>, Option<i64>), StoreError> {
        let query = sqlx::query(self.statements.list.sql()).bind(before).bind(encode_time(now)).bind(limit);
        let rows = self.read_all(query).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
        let last = rows.last().filter(|_| is_full);
        let next = last.map(|last| last.try_get(0)).transpose().map_err(|error| failed(&error))?;
        Ok((self.readable(&rows, now).collect(), next))
    }

    /// Returns whole records, since they are stored whole.
    pub(crate) async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        _fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let digests = index_keys(name, value, self.seal.as_ref());
        let mut query = sqlx::query(self.statements.find_by.sql());
        for digest in &digests {
            query = query.bind(&digest[..]);
        }
        let rows = self.read_all(query.bind(encode_time(now))).await?;
        Ok(self.readable(&rows, now).filter(|record| record.get(name) == Some(value)).collect())
    }

    /// The live sessions among these rows, without those that cannot be read.
    fn readable(&self, rows: &[MySqlRow], now: Timestamp) -> impl Iterator<Item = Record> {
        rows.iter().filter_map(move |row| read_session(row, self.seal.as_ref(), now).ok().flatten())
    }
}
