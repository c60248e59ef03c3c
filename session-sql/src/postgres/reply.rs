//! The rows that writes return.

use session_core::{HandleId, Limited, StoreError};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::fields::unescape;
use crate::error::{Damage, failed};
use crate::meta::decode_handle_id;
use crate::outcome::Outcome;

/// Reads the outcome of `create.sql` and `reseal.sql`; `None` if the key was in use or the session had changed.
pub(super) fn read_written(row: &PgRow) -> Result<Limited<Option<Outcome>>, StoreError> {
    let columns = || Ok((row.try_get(0)?, row.try_get(1)?));
    let (is_written, is_refused): (bool, bool) = columns().map_err(|error| failed(&error))?;
    let result = match (is_written, is_refused) {
        (true, _) => Some(Outcome::Done),
        (false, true) => Some(Outcome::LimitReached),
        (false, false) => None,
    };
    Ok(Limited { result, evicted: read_handle_ids(row, 2)? })
}

pub(super) fn read_patched(row: &PgRow) -> Result<Limited<Outcome>, StoreError> {
    let columns = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let (is_live, conflict, is_refused): (bool, Option<&str>, bool) =
        columns().map_err(|error| failed(&error))?;
    let result = match conflict {
        _ if !is_live => Outcome::Gone,
        Some(name) => Outcome::Conflict(unescape(name).ok_or(Damage::Fields)?.into_owned()),
        None if is_refused => Outcome::LimitReached,
        None => Outcome::Done,
    };
    Ok(Limited { result, evicted: read_handle_ids(row, 3)? })
}

/// Reads handle ids that stand one after the other.
pub(super) fn read_handle_ids(row: &PgRow, column: usize) -> Result<Vec<HandleId>, StoreError> {
    let ids: Option<&[u8]> = row.try_get(column).map_err(|error| failed(&error))?;
    Ok(ids.unwrap_or_default().chunks_exact(16).filter_map(decode_handle_id).collect())
}
