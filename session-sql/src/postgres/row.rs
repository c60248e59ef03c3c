//! Rows as records.

use session_core::{Record, StoreError};
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Row as _, ValueRef as _};

use super::fields::{decode_record, decode_sealed};
use crate::error::Damage;
use crate::meta::MetaColumns;
use crate::seal::Seal;

/// The column of the key, in the statements that return it.
pub(super) const KEY: usize = 10;

/// The version in front of the text of a `jsonb` value.
const JSONB_VERSION: u8 = 1;

/// Reads a record from the columns of [`statements`](super::statements).
pub(super) fn read_record(row: &PgRow, seal: Option<&Seal>) -> Result<Record, StoreError> {
    if let Some(seal) = seal {
        let columns = || Ok((row.try_get(1)?, row.try_get(KEY)?));
        let (handle_id, key): (&[u8], &[u8]) = columns().map_err(|_: sqlx::Error| Damage::Column)?;
        return Ok(seal.open(&decode_sealed(read_object(row, 9)?)?, key, handle_id)?);
    }
    let meta = read_meta(row).map_err(|_| Damage::Column)?.decode().ok_or(Damage::Meta)?;
    let objects = [read_object(row, 8)?, read_object(row, 9)?];
    Ok(decode_record(&meta, objects)?)
}

fn read_meta(row: &PgRow) -> Result<MetaColumns, sqlx::Error> {
    Ok(MetaColumns {
        handle_id: row.try_get(1)?,
        created_at: row.try_get(2)?,
        authenticated_at: row.try_get(3)?,
        idle_deadline: row.try_get(4)?,
        idle_timeout: row.try_get(5)?,
        lifetime_deadline: row.try_get(6)?,
        remember: row.try_get(7)?,
    })
}

/// Returns the text of a `jsonb` column, which the other types of sqlx copy.
pub(super) fn read_object(row: &PgRow, column: usize) -> Result<&str, Damage> {
    let value: PgValueRef<'_> = row.try_get_raw(column).map_err(|_| Damage::Column)?;
    if value.is_null() {
        return Err(Damage::Fields);
    }
    match value.as_bytes() {
        Ok([JSONB_VERSION, text @ ..]) => str::from_utf8(text).map_err(|_| Damage::Fields),
        _ => Err(Damage::Column),
    }
}
