//! Loads, counts, lists and finds sessions.

use session_core::{Record, StoreError, StoreKey, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::index_key::index_keys;
use crate::meta::encode_time;
use crate::rows::read_session;

impl Sqlite {
    pub(crate) async fn load(&self, key: &StoreKey, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let load = || async {
            let query =
                sqlx::query(self.statements.load.sql()).bind(&key.as_bytes()[..]).bind(encode_time(now));
            Ok(query.fetch_optional(&self.pool).await?)
        };
        match self.read(load).await? {
            Some(row) => read_session(&row, self.seal.as_ref(), now),
            None => Ok(None),
        }
    }

    /// Whether there is a session that has expired.
    pub(crate) async fn is_expired(&self, key: &StoreKey, now: Timestamp) -> Result<bool, StoreError> {
        let find = || async {
            let query = sqlx::query(self.statements.is_expired.sql())
                .bind(&key.as_bytes()[..])
                .bind(encode_time(now));
            Ok(query.fetch_optional(&self.pool).await?.is_some())
        };
        self.read(find).await
    }

    pub(crate) async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        let count = || async {
            let query = sqlx::query(self.statements.count.sql()).bind(encode_time(now));
            Ok(query.fetch_one(&self.pool).await?.try_get::<i64, _>(0)?)
        };
        Ok(self.read(count).await?.unsigned_abs())
    }

    /// Returns live records with smaller ids, and the id at which the next page starts.
    pub(crate) async fn list(
        &self,
        before: i64,
        limit: i64,
        now: Timestamp,
    ) -> Result<(Vec<Record>, Option<i64>), StoreError> {
        let list = || async {
            let query =
                sqlx::query(self.statements.list.sql()).bind(before).bind(encode_time(now)).bind(limit);
            let rows = query.fetch_all(&self.pool).await?;
            let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
            let next = match rows.last() {
                Some(last) if is_full => Some(last.try_get(0)?),
                _ => None,
            };
            Ok((rows, next))
        };
        let (rows, next) = self.read(list).await?;
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
        let find = || async {
            let mut query = sqlx::query(self.statements.find_by.sql());
            for digest in &digests {
                query = query.bind(&digest[..]);
            }
            Ok(query.bind(encode_time(now)).fetch_all(&self.pool).await?)
        };
        let found = self.read(find).await?;
        Ok(self.readable(&found, now).filter(|record| record.get(name) == Some(value)).collect())
    }

    /// The live sessions among these rows, without those that cannot be read.
    fn readable(&self, rows: &[SqliteRow], now: Timestamp) -> impl Iterator<Item = Record> {
        rows.iter().filter_map(move |row| read_session(row, self.seal.as_ref(), now).ok().flatten())
    }
}
