//! Rows as records, for databases that keep records whole.

use session_core::{HandleId, Record, StoreError, Timestamp};
use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::error::failed;
use crate::meta::{MetaColumns, decode_handle_id};
use crate::record::decode_record;
use crate::seal::Seal;

/// The columns of a session `s` as [`read_session`] reads them, before [`with_key`]. The first is the id of the row.
macro_rules! session_columns {
    () => {
        "s.id, s.handle_id, s.created_at, s.authenticated_at, s.idle_deadline, s.idle_timeout, s.lifetime_deadline, \
         s.remember, s.record{key}"
    };
}

pub(crate) use session_columns;

/// Fills in the last column, the key that a sealed session is bound to.
pub(crate) fn with_key(sql: &str, seal: Option<&Seal>, quote: char) -> String {
    let column = seal.map_or(String::new(), |_| format!(", s.{quote}key{quote}"));
    sql.replace("{key}", &column)
}

/// Reads a session from a row with [`session_columns`]; `None` if a sealed one has expired before the row.
pub(crate) fn read_session<R>(
    row: &R,
    seal: Option<&Seal>,
    now: Timestamp,
) -> Result<Option<Record>, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> bool: Decode<'r, R::Database> + Type<R::Database>,
{
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
        let key = seal.map(|_| row.try_get::<Vec<u8>, _>(9)).transpose()?;
        Ok((meta, row.try_get(8)?, key))
    };
    let (meta, bytes, key): (_, Vec<u8>, _) = read().map_err(|error: sqlx::Error| failed(&error))?;
    let record = match seal.zip(key) {
        None => decode_record(bytes, &meta)?,
        Some((seal, key)) => seal.open(&bytes, &key, &meta.handle_id)?,
    };
    Ok(Some(record).filter(|record| record.is_live(now)))
}

/// Reads a handle id, and in the next column whether its session was live.
pub(crate) fn read_handle<R>(row: &R, column: usize) -> Result<(Option<HandleId>, bool), sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> bool: Decode<'r, R::Database> + Type<R::Database>,
{
    let id: Vec<u8> = row.try_get(column)?;
    Ok((decode_handle_id(&id), row.try_get(column + 1)?))
}
