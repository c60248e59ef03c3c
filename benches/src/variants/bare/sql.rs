//! Tables of bytes by key on `sqlx`: one SELECT to read, one INSERT or UPDATE to write.

use anyhow::{Context as _, Result, ensure};
use sqlx::{PgPool, SqlitePool, query, query_scalar};

use super::store::{MinimalStore, decode, encode};
use crate::session_data::Visitor;
use crate::sql::stores::{is_sqlite, postgres_pool, sqlite_pool};

const LOAD: &str = "select record from bare where key = $1";
const INSERT: &str = "insert into bare (key, record) values ($1, $2)";
const UPDATE: &str = "update bare set record = $2 where key = $1";

#[derive(Clone)]
pub(super) enum Rows {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// Evaluates an expression with the pool, whose type depends on the database.
macro_rules! with_pool {
    ($rows:expr, $pool:ident => $result:expr) => {
        match $rows {
            Rows::Postgres($pool) => $result,
            Rows::Sqlite($pool) => $result,
        }
    };
}

impl Rows {
    pub(super) async fn new(url: &str) -> Result<Self> {
        if is_sqlite(url) {
            let pool = sqlite_pool(url).await?;
            query("create table if not exists bare (key blob primary key, record blob not null)")
                .execute(&pool)
                .await?;
            Ok(Self::Sqlite(pool))
        } else {
            let pool = postgres_pool(url).await?;
            query("create table if not exists bare (key bytea primary key, record bytea not null)")
                .execute(&pool)
                .await?;
            Ok(Self::Postgres(pool))
        }
    }
}

fn key(cookie: &str) -> Result<Vec<u8>> {
    Ok(u128::from_str_radix(cookie, 16)?.to_be_bytes().to_vec())
}

impl MinimalStore for Rows {
    async fn load(&self, cookie: &str) -> Result<Visitor> {
        let key = key(cookie)?;
        let bytes: Option<Vec<u8>> =
            with_pool!(self, pool => query_scalar(LOAD).bind(key).fetch_optional(pool).await?);
        decode(&bytes.context("the session is gone")?)
    }

    async fn save(&self, cookie: Option<&str>, visitor: &Visitor) -> Result<Option<String>> {
        let bytes = encode(visitor)?;
        if let Some(cookie) = cookie {
            let key = key(cookie)?;
            let rows = with_pool!(self, pool =>
                query(UPDATE).bind(key).bind(bytes).execute(pool).await?.rows_affected());
            ensure!(rows == 1, "the session is gone");
            return Ok(None);
        }
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        with_pool!(self, pool => {
            query(INSERT).bind(key.to_vec()).bind(bytes).execute(pool).await?;
        });
        Ok(Some(format!("{:032x}", u128::from_be_bytes(key))))
    }
}
