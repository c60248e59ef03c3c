//! Old sessions in PostgreSQL: one row for each.

use session_core::{StoreError, Timestamp, Token};
use sqlx::{AssertSqlSafe, PgPool};

use super::held::{Held, Stored};
use super::sql::{Successor, quote, unavailable};
use crate::successor;

/// The columns of the table.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    /// `id text, data bytea, expiry_date timestamptz`; the data says when it expires.
    TowerSessions,
    /// `id varchar, session text, expires integer`, in seconds since 1970 or `null` for never.
    AxumSession,
}

pub(crate) struct Postgres {
    pool: PgPool,
    layout: Layout,
    pub(super) table: String,
}

impl Postgres {
    pub(super) fn new(pool: PgPool, layout: Layout, table: &str) -> Self {
        Self { pool, layout, table: quote(table) }
    }

    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Held, StoreError> {
        let (data, expires) = match self.layout {
            Layout::TowerSessions => ("data", "null::bigint"),
            Layout::AxumSession => ("convert_to(session, 'UTF8')", "expires::bigint"),
        };
        let table = &self.table;
        let statement = format!("select id::text, {data}, {expires} from {table} where id in ($1, $2)");
        let rows: Vec<(String, Vec<u8>, Option<i64>)> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(id)
            .bind(successor::name(id))
            .fetch_all(&self.pool)
            .await
            .map_err(|error| unavailable(&error))?;
        let mut held = Held::Nothing;
        for (found, bytes, expires) in rows {
            if found == id {
                let seconds = |expires: i64| u64::try_from(expires).unwrap_or_default();
                let expires_at = expires.map(|at| Timestamp::from_millis(seconds(at).saturating_mul(1000)));
                held = Held::Session(Stored { bytes, expires_at });
            } else if let Some(successor) = Successor::read(bytes, now) {
                // An old version of the application may have written the session again.
                return Ok(successor);
            }
        }
        Ok(held)
    }

    pub(super) async fn replace(&self, id: &str, token: &Token, now: Timestamp) -> Result<bool, StoreError> {
        let (data, expires, data_value, expires_value) = match self.layout {
            Layout::TowerSessions => {
                ("data", "expiry_date", "convert_to($3, 'UTF8')", "to_timestamp($4::double precision)")
            }
            Layout::AxumSession => ("session", "expires", "$3", "$4"),
        };
        let table = &self.table;
        let statement = format!(
            "with ended as (delete from {table} where id = $1 returning 1), \
             successor as (insert into {table} (id, {data}, {expires}) \
             select $2, {data_value}, {expires_value} from ended \
             on conflict (id) do update set {data} = excluded.{data}, {expires} = excluded.{expires}) \
             select count(*) from ended"
        );
        let Successor { id: name, data, ends_at } = Successor::new(id, token, now);
        let (ended,): (i64,) = sqlx::query_as(AssertSqlSafe(statement))
            .bind(id)
            .bind(name)
            .bind(data)
            .bind((ends_at / 1000).cast_signed())
            .fetch_one(&self.pool)
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(ended > 0)
    }
}
