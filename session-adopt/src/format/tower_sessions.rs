//! Records of tower-sessions: MessagePack in stores on the server, JSON in cookies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::time::{Date, PrimitiveDateTime, Time, UtcOffset};
use serde::Deserialize;
use serde_json::{Map, Value};
use session_core::Timestamp;

use super::unreadable::Unreadable;
use crate::OldSession;

/// The number that an id encodes, by its bytes in base64url.
fn number(id: &str) -> Option<i128> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
    Some(i128::from_le_bytes(bytes.try_into().ok()?))
}

pub(super) fn is_id(id: &str) -> bool {
    number(id).is_some()
}

/// A record; an array in MessagePack, and an object in JSON.
#[derive(Deserialize)]
struct Record {
    id: i128,
    data: Map<String, Value>,
    expiry_date: DateTime,
}

/// The content of a cookie.
#[derive(Deserialize)]
struct Envelope {
    v: u8,
    record: Record,
}

/// A time of the crate `time`: year, day of the year, hour, minute, second, nanosecond, and the offset from UTC in hours,
/// minutes and seconds.
#[derive(Deserialize)]
struct DateTime(i32, u16, u8, u8, u8, u32, i8, i8, i8);

impl DateTime {
    /// `None` for a time that does not exist. Times before 1970 are its beginning.
    fn timestamp(&self) -> Option<Timestamp> {
        let Self(year, day, hour, minute, second, nanosecond, hours, minutes, seconds) = *self;
        let date = Date::from_ordinal_date(year, day).ok()?;
        let time = Time::from_hms_nano(hour, minute, second, nanosecond).ok()?;
        let offset = UtcOffset::from_hms(hours, minutes, seconds).ok()?;
        let millis =
            PrimitiveDateTime::new(date, time).assume_offset(offset).unix_timestamp_nanos() / 1_000_000;
        Some(Timestamp::from_millis(u64::try_from(millis).unwrap_or_default()))
    }
}

const UNREADABLE: Unreadable = Unreadable("tower-sessions");

impl Record {
    fn into_session(self) -> Result<OldSession, Unreadable> {
        let expires_at = self.expiry_date.timestamp().ok_or(UNREADABLE)?;
        Ok(OldSession::new(self.data, Some(expires_at)))
    }
}

pub(super) fn decode(id: &str, bytes: &[u8]) -> Result<OldSession, Unreadable> {
    let record: Record = rmp_serde::from_slice(bytes).map_err(|_| UNREADABLE)?;
    if number(id) != Some(record.id) {
        return Err(UNREADABLE);
    }
    record.into_session()
}

pub(super) fn decode_cookie(value: &str) -> Result<OldSession, Unreadable> {
    open(value).ok_or(UNREADABLE)?.into_session()
}

/// The number of the session that a cookie holds.
pub(super) fn number_in_cookie(value: &str) -> Option<i128> {
    open(value).map(|record| record.id)
}

fn open(value: &str) -> Option<Record> {
    let json = URL_SAFE_NO_PAD.decode(value).ok()?;
    let Envelope { v, record } = serde_json::from_slice(&json).ok()?;
    (v == 1).then_some(record)
}
