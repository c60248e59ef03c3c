//! Reach: the time until which an index set on another server names a session.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use session_core::{Meta, Timestamp};

/// Number of idle timeouts that the reach is beyond the idle deadline, so that not each touch needs an update.
const EXTRA_IDLE_TIMEOUTS: u32 = 4;
/// The reach while no session was read yet.
const DEFAULT: Duration = Duration::from_secs(600);

/// The reach of a session with these deadlines. Scripts compute the same.
pub(crate) fn reach(idle_deadline: Timestamp, lifetime_deadline: Timestamp, now: Timestamp) -> Timestamp {
    if idle_deadline == Timestamp::NEVER {
        return lifetime_deadline;
    }
    idle_deadline.after(idle_deadline.since(now).saturating_mul(EXTRA_IDLE_TIMEOUTS)).min(lifetime_deadline)
}

/// Reach for sessions whose deadlines are not known when they are added, in milliseconds from now: the shortest one of
/// the sessions read so far, so that it is never longer than needed. Scripts extend it where it is too short.
pub(crate) struct Horizon(AtomicU64);

impl Default for Horizon {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Horizon {
    pub(crate) fn observe(&self, meta: &Meta) {
        let reach = meta.idle_timeout.saturating_mul(1 + EXTRA_IDLE_TIMEOUTS).as_millis();
        self.0.fetch_min(u64::try_from(reach).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn reach(&self, now: Timestamp) -> Timestamp {
        match self.0.load(Ordering::Relaxed) {
            u64::MAX => now.after(DEFAULT),
            millis => now.after(Duration::from_millis(millis)),
        }
    }
}
