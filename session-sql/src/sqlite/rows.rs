//! Rows as records, and metadata as parameters.

use session_core::{HandleId, Meta, Record, StoreError};
use sqlx::Row as _;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use crate::error::failed;
use crate::meta::{MetaColumns, decode_handle_id};
use crate::record::decode_record;

/// A statement with parameters.
pub(super) type Bound<'q> = Query<'q, sqlx::Sqlite, SqliteArguments>;

/// Reads a session, whose columns are those of the statements.
pub(super) fn read_session(row: &SqliteRow) -> Result<Record, StoreError> {
    let read = || {
        let meta = MetaColumns {
            handle_id: row.try_get(1)?,
            created_at: row.try_get(2)?,
            authenticated_at: row.try_get(3)?,
            idle_deadline: row.try_get(4)?,
            idle_timeout: row.try_get(5)?,
            lifetime_deadline: row.try_get(6)?,
            remember: row.try_get(7)?,
        };
        Ok((meta.decode(), row.try_get(8)?))
    };
    let (meta, record) = read().map_err(|error: sqlx::Error| failed(&error))?;
    Ok(decode_record(meta, record)?)
}

/// Reads a handle id, and whether its session was live.
pub(super) fn read_handle(row: &SqliteRow, first: usize) -> Result<(Option<HandleId>, bool), sqlx::Error> {
    let id: Vec<u8> = row.try_get(first)?;
    Ok((decode_handle_id(&id), row.try_get(first + 1)?))
}

/// Appends the metadata to the parameters.
pub(super) fn bind_meta(query: Bound<'_>, meta: Meta) -> Bound<'_> {
    let meta = MetaColumns::from(meta);
    query
        .bind(meta.handle_id)
        .bind(meta.created_at)
        .bind(meta.authenticated_at)
        .bind(meta.idle_deadline)
        .bind(meta.idle_timeout)
        .bind(meta.lifetime_deadline)
        .bind(meta.remember)
}
