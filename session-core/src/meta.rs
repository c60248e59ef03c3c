//! The metadata of a record: handle id, times and deadlines.

use std::time::Duration;

use crate::length_prefixed::take_array;
use crate::time::{from_millis, to_millis};
use crate::{HandleId, Timestamp};

/// The version of the layout, in the first byte of a record.
const LAYOUT: u8 = 1;
/// Set in the second byte if the client keeps the token beyond its browser session.
const REMEMBER: u8 = 1;
/// Set in the second byte if the time of authentication follows the other times.
const AUTHENTICATED: u8 = 2;
/// Length of the encoded metadata without the time of authentication.
const HEAD: usize = 2 + 16 + 4 * 8;
/// The maximum length of the encoded metadata, which precedes the fields.
pub(crate) const MAX_HEAD: usize = HEAD + 8;

/// The metadata of a session: handle id, times and deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The public id of the session.
    pub id: HandleId,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last authentication of the session's principal. `None` for a session without a principal, and
    /// if the principal authenticated with another library.
    #[doc(alias = "auth_time")]
    #[doc(alias = "last login")]
    pub authenticated_at: Option<Timestamp>,
    /// The sliding deadline: when the session expires unless it is used before.
    #[doc(alias = "sliding expiration")]
    #[doc(alias = "expires_at")]
    pub idle_deadline: Timestamp,
    /// How far each use extends the idle deadline. [`Duration::MAX`] if it does not.
    #[doc(alias = "inactivity timeout")]
    pub idle_timeout: Duration,
    /// The absolute deadline: when the session expires even if it is in use.
    #[doc(alias = "absolute timeout")]
    #[doc(alias = "max age")]
    pub lifetime_deadline: Timestamp,
    /// Whether the client keeps the token beyond its browser session, in a persistent cookie.
    #[doc(alias = "remember me")]
    #[doc(alias = "persistent cookie")]
    pub remember: bool,
}

impl Meta {
    /// Returns when the session expires if it is not used again: the earlier of both deadlines.
    #[doc(alias = "expiry")]
    #[doc(alias = "expires_at")]
    pub fn deadline(&self) -> Timestamp {
        self.idle_deadline.min(self.lifetime_deadline)
    }

    /// Whether the session is live at `now`. At its deadline it is not.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline()
    }

    /// Returns when the session was last used, derived from its idle deadline.
    pub fn last_seen(&self) -> Timestamp {
        let timeout = to_millis(self.idle_timeout);
        if self.idle_deadline == Timestamp::NEVER || timeout == u64::MAX {
            return self.created_at;
        }
        Timestamp::from_millis(self.idle_deadline.as_millis().saturating_sub(timeout)).max(self.created_at)
    }

    /// Appends the encoded metadata.
    pub(crate) fn put(self, out: &mut Vec<u8>) {
        let times = [
            self.created_at.as_millis(),
            self.idle_deadline.as_millis(),
            to_millis(self.idle_timeout),
            self.lifetime_deadline.as_millis(),
            self.authenticated_at.map_or(0, Timestamp::as_millis),
        ];
        let mut head = [0; MAX_HEAD];
        head[0] = LAYOUT;
        head[1] |= if self.remember { REMEMBER } else { 0 };
        head[1] |= if self.authenticated_at.is_some() { AUTHENTICATED } else { 0 };
        head[2..18].copy_from_slice(self.id.as_bytes());
        for (chunk, millis) in head[18..].chunks_exact_mut(8).zip(times) {
            chunk.copy_from_slice(&millis.to_le_bytes());
        }
        out.extend_from_slice(&head[..Self::length(&head)]);
    }

    /// Returns the length of the encoded metadata at the front of a record.
    pub(crate) fn length(record: &[u8]) -> usize {
        match record.get(1) {
            Some(flags) if flags & AUTHENTICATED != 0 => MAX_HEAD,
            _ => HEAD,
        }
    }

    pub(crate) fn read(mut head: &[u8]) -> Option<Self> {
        let [layout, flags] = take_array(&mut head)?;
        if layout != LAYOUT || flags & !(REMEMBER | AUTHENTICATED) != 0 {
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
            authenticated_at: match flags & AUTHENTICATED {
                0 => None,
                _ => Some(Timestamp::from_millis(millis()?)),
            },
            remember: flags & REMEMBER != 0,
        })
    }
}
