//! Where old sessions are kept.

mod claims;
mod held;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

use session_core::{StoreError, Timestamp, Token};

use crate::format::Format;

pub(crate) use claims::Claims;
pub(crate) use held::{Held, Stored};
#[cfg(feature = "postgres")]
pub(crate) use postgres::Layout;

pub(crate) enum Backend {
    /// Clients hold their sessions.
    Claims(Claims),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Postgres),
    #[cfg(feature = "redis")]
    Redis(Box<redis::Redis>),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Sqlite),
}

impl Backend {
    #[cfg(feature = "redis")]
    pub(crate) fn redis(client: ::redis::Client, prefix: &str) -> Self {
        Self::Redis(Box::new(redis::Redis::new(client, prefix)))
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres(pool: sqlx::PgPool, layout: Layout, table: &str) -> Self {
        Self::Postgres(postgres::Postgres::new(pool, layout, table))
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite(pool: sqlx::SqlitePool, table: &str) -> Self {
        Self::Sqlite(sqlite::Sqlite::new(pool, table))
    }

    /// Sets the prefix of keys in Redis. Does nothing elsewhere.
    #[cfg(feature = "redis")]
    pub(crate) fn set_prefix(&mut self, prefix: String) {
        if let Self::Redis(redis) = self {
            redis.prefix = prefix;
        }
    }

    /// Sets the table in a database. Does nothing elsewhere.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn set_table(&mut self, table: &str) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.table = sql::quote(table),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.table = sql::quote(table),
            _ => {}
        }
    }

    pub(crate) async fn find(&self, format: &Format, id: &str, now: Timestamp) -> Result<Held, StoreError> {
        match self {
            Self::Claims(claims) => claims.find(format.session_hash(id), now).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.find(id, now).await,
            #[cfg(feature = "redis")]
            Self::Redis(redis) => redis.find(id).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.find(id, now).await,
        }
    }

    #[cfg_attr(
        not(any(feature = "postgres", feature = "redis", feature = "sqlite")),
        expect(unused_variables, reason = "sessions in cookies have no successors")
    )]
    pub(crate) async fn replace(
        &self,
        format: &Format,
        id: &str,
        successor: &Token,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Claims(claims) => claims.claim(format.session_hash(id), now).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.replace(id, successor, now).await,
            #[cfg(feature = "redis")]
            Self::Redis(redis) => redis.replace(id, successor).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.replace(id, successor, now).await,
        }
    }
}
