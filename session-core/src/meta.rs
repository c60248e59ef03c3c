//! Whose session a record is, and how long it lives.

use std::time::Duration;

use crate::time::{from_millis, to_millis};
use crate::wire::take_array;
use crate::{HandleId, Timestamp};

/// The first byte of a record: another layout would be another number.
const LAYOUT: u8 = 1;
/// Set in the second byte when the client is to keep the token beyond its browser session.
const REMEMBER: u8 = 1;
/// Length of what a record begins with, before the fields.
pub(crate) const HEAD: usize = 2 + 16 + 4 * 8;

/// What a record says of its session besides the fields: who it is and how long it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The public name of the session.
    pub id: HandleId,
    /// When the session was created.
    pub created_at: Timestamp,
    /// When the session ends unless it is used before: the sliding deadline.
    pub idle_deadline: Timestamp,
    /// How far each use moves the idle deadline; [`Duration::MAX`] for "not at all".
    pub idle_timeout: Duration,
    /// When the session ends however much it is used: the absolute deadline.
    pub lifetime_deadline: Timestamp,
    /// Whether the client is asked to keep the token beyond its browser session.
    pub remember: bool,
}

impl Meta {
    /// When the session ends if nobody uses it from now on.
    pub fn deadline(&self) -> Timestamp {
        self.idle_deadline.min(self.lifetime_deadline)
    }

    /// Whether the session still lives at `now`; at its deadline it does not.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline()
    }

    /// When the session was last used, as far as its idle deadline tells.
    pub fn last_seen(&self) -> Timestamp {
        let timeout = to_millis(self.idle_timeout);
        if self.idle_deadline == Timestamp::NEVER || timeout == u64::MAX {
            return self.created_at;
        }
        Timestamp::from_millis(self.idle_deadline.as_millis().saturating_sub(timeout)).max(self.created_at)
    }

    pub(crate) fn to_bytes(self) -> [u8; HEAD] {
        let moments = [
            self.created_at.as_millis(),
            self.idle_deadline.as_millis(),
            to_millis(self.idle_timeout),
            self.lifetime_deadline.as_millis(),
        ];
        let mut head = [0; HEAD];
        head[0] = LAYOUT;
        head[1] = if self.remember { REMEMBER } else { 0 };
        head[2..18].copy_from_slice(self.id.as_bytes());
        for (place, moment) in head[18..].chunks_exact_mut(8).zip(moments) {
            place.copy_from_slice(&moment.to_le_bytes());
        }
        head
    }

    pub(crate) fn read(mut head: &[u8]) -> Option<Self> {
        let [layout, flags] = take_array(&mut head)?;
        if layout != LAYOUT || flags & !REMEMBER != 0 {
            return None;
        }
        let id = HandleId::from(take_array::<16>(&mut head)?);
        let mut millis = || Some(u64::from_le_bytes(take_array(&mut head)?));
        Some(Self {
            id,
            created_at: Timestamp::from_millis(millis()?),
            idle_deadline: Timestamp::from_millis(millis()?),
            idle_timeout: from_millis(millis()?),
            lifetime_deadline: Timestamp::from_millis(millis()?),
            remember: flags == REMEMBER,
        })
    }
}
