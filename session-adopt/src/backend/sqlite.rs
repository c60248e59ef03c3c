//! Old sessions in SQLite: one row for each.

use session_core::{StoreError, Timestamp, Token};
use sqlx::{AssertSqlSafe, SqlitePool};

use super::held::{Held, Stored};
use super::sql::{Successor, quote, unavailable};
use crate::successor;

pub(crate) struct Sqlite {
    pool: SqlitePool,
    pub(super) table: String,
}

impl Sqlite {
    pub(super) fn new(pool: SqlitePool, table: &str) -> Self {
        Self { pool, table: quote(table) }
    }

    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Held, StoreError> {
        let statement = format!("select id, cast(data as blob) from {} where id in (?, ?)", self.table);
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(id)
            .bind(successor::name(id))
            .fetch_all(&self.pool)
            .await
            .map_err(|error| unavailable(&error))?;
        let mut held = Held::Nothing;
        for (found, bytes) in rows {
            if found == id {
                held = Held::Session(Stored { bytes, expires_at: None });
            } else if let Some(successor) = Successor::read(bytes, now) {
                // An old version of the application may have written the session again.
                return Ok(successor);
            }
        }
        Ok(held)
    }

    pub(super) async fn replace(&self, id: &str, token: &Token, now: Timestamp) -> Result<bool, StoreError> {
        self.try_replace(id, token, now).await.map_err(|error| unavailable(&error))
    }

    async fn try_replace(&self, id: &str, token: &Token, now: Timestamp) -> Result<bool, sqlx::Error> {
        let table = &self.table;
        let delete = format!("delete from {table} where id = ?");
        let insert = format!(
            "insert or replace into {table} (id, data, expiry_date) \
             values (?, cast(? as blob), strftime('%Y-%m-%d %H:%M:%SZ', ?, 'unixepoch'))"
        );
        let mut transaction = self.pool.begin().await?;
        // It takes the write lock, so that one of several calls deletes the row.
        let ended = sqlx::query(AssertSqlSafe(delete)).bind(id).execute(&mut *transaction).await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        let Successor { id: name, data, ends_at } = Successor::new(id, token, now);
        sqlx::query(AssertSqlSafe(insert))
            .bind(name)
            .bind(data)
            .bind((ends_at / 1000).cast_signed())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}
