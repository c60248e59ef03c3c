//! Metadata as columns.

use std::time::Duration;

use session_core::{HandleId, Meta, Timestamp};

/// The metadata of a session as the database stores it: times and durations in milliseconds.
///
/// SQL has no unsigned integers. What does not fit, [`Timestamp::NEVER`] and [`Duration::MAX`] above all, is stored
/// as [`i64::MAX`] and read as these.
pub(crate) struct MetaColumns {
    pub(crate) handle_id: Vec<u8>,
    pub(crate) created_at: i64,
    pub(crate) authenticated_at: Option<i64>,
    pub(crate) idle_deadline: i64,
    pub(crate) idle_timeout: i64,
    pub(crate) lifetime_deadline: i64,
    pub(crate) remember: bool,
}

impl MetaColumns {
    /// Reads the metadata. `None` if the columns hold what no session has.
    pub(crate) fn decode(&self) -> Option<Meta> {
        Some(Meta {
            id: decode_handle_id(&self.handle_id)?,
            created_at: decode_time(self.created_at)?,
            authenticated_at: match self.authenticated_at {
                None => None,
                Some(millis) => Some(decode_time(millis)?),
            },
            idle_deadline: decode_time(self.idle_deadline)?,
            idle_timeout: decode_duration(self.idle_timeout)?,
            lifetime_deadline: decode_time(self.lifetime_deadline)?,
            remember: self.remember,
        })
    }
}

impl MetaColumns {
    /// Returns the columns of a sealed session: what the database looks it up by, and until when it keeps it. The rest is
    /// sealed.
    pub(crate) fn of_sealed(meta: Meta) -> Self {
        let deadline = encode_time(meta.deadline());
        Self {
            handle_id: meta.id.as_bytes().to_vec(),
            created_at: 0,
            authenticated_at: None,
            idle_deadline: deadline,
            idle_timeout: 0,
            lifetime_deadline: deadline,
            remember: false,
        }
    }
}

impl From<Meta> for MetaColumns {
    fn from(meta: Meta) -> Self {
        Self {
            handle_id: meta.id.as_bytes().to_vec(),
            created_at: encode_time(meta.created_at),
            authenticated_at: meta.authenticated_at.map(encode_time),
            idle_deadline: encode_time(meta.idle_deadline),
            idle_timeout: encode_duration(meta.idle_timeout),
            lifetime_deadline: encode_time(meta.lifetime_deadline),
            remember: meta.remember,
        }
    }
}

/// Returns the handle id, or `None` if there are not 16 bytes.
pub(crate) fn decode_handle_id(stored: &[u8]) -> Option<HandleId> {
    Some(HandleId::from(<[u8; 16]>::try_from(stored).ok()?))
}

pub(crate) fn encode_time(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn encode_duration(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the time, or `None` if it is negative.
pub(crate) fn decode_time(millis: i64) -> Option<Timestamp> {
    if millis == i64::MAX {
        return Some(Timestamp::NEVER);
    }
    u64::try_from(millis).ok().map(Timestamp::from_millis)
}

/// Returns the duration, or `None` if it is negative.
pub(crate) fn decode_duration(millis: i64) -> Option<Duration> {
    if millis == i64::MAX {
        return Some(Duration::MAX);
    }
    u64::try_from(millis).ok().map(Duration::from_millis)
}
