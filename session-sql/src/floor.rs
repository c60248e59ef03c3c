//! Floors of the revocation list as columns.

use session_core::{Floor, HandleId, StoreError, StoreKey, Timestamp};
use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::error::{Damage, failed};
use crate::meta::{decode_time, encode_time};

/// A call that raises a floor, as the database gets it.
pub(crate) struct Raise {
    pub(crate) name: StoreKey,
    /// Big-endian, so that the database compares it as a number: SQL has no unsigned integers.
    pub(crate) value: [u8; 8],
    pub(crate) since: i64,
    pub(crate) expires_at: i64,
    pub(crate) now: i64,
    /// Identifies the call, so that a second execution returns what the first one did.
    pub(crate) call_id: HandleId,
}

impl Raise {
    pub(crate) fn new(name: StoreKey, to: u64, until: Timestamp, now: Timestamp) -> Result<Self, StoreError> {
        let since = if to == 0 { Floor::default().since } else { now };
        Ok(Self {
            name,
            value: to.to_be_bytes(),
            since: encode_time(since),
            expires_at: encode_time(until),
            now: encode_time(now),
            call_id: HandleId::random()?,
        })
    }
}

/// Reads a name, and its floor from the next two columns.
pub(crate) fn read_named_floor<R>(row: &R) -> Result<(StoreKey, Floor), StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let name: Vec<u8> = row.try_get(0).map_err(|error| failed(&error))?;
    let name = <[u8; 32]>::try_from(name).map_err(|_| Damage::Floor)?;
    Ok((name.into(), read_floor(row, 1)?))
}

/// Reads a floor from this column and the next one. Without a value it is the default one.
pub(crate) fn read_floor<R>(row: &R, column: usize) -> Result<Floor, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let read = || Ok((row.try_get(column)?, row.try_get(column + 1)?));
    let (value, since): (Option<Vec<u8>>, Option<i64>) =
        read().map_err(|error: sqlx::Error| failed(&error))?;
    let (Some(value), Some(since)) = (value, since) else { return Ok(Floor::default()) };
    let value = <[u8; 8]>::try_from(value).map_err(|_| Damage::Floor)?;
    Ok(Floor { value: u64::from_be_bytes(value), since: decode_time(since).ok_or(Damage::Floor)? })
}
