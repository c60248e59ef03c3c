//! Deadlines of one session: what the application asked for, and what follows from an authentication.

use std::time::Duration;

use session_core::{Deadlines, Meta, Timestamp};

/// Deadlines that the application asked for, for one session, in place of the settings'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeadlineOverrides {
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) remember: Option<bool>,
    /// When the same principal authenticated again, from when the deadlines are counted anew.
    pub(crate) authenticated_at: Option<Timestamp>,
}

impl DeadlineOverrides {
    /// Returns the deadlines at `now` of a session that has this `meta`; `None` when they stay as they are.
    pub(crate) fn deadlines(&self, meta: &Meta, now: Timestamp) -> Option<Deadlines> {
        let deadlines = Deadlines {
            idle_timeout: self.idle_timeout.unwrap_or(meta.idle_timeout),
            idle_deadline: self.idle_timeout.map_or(meta.idle_deadline, |timeout| now.after(timeout)),
            lifetime_deadline: self
                .lifetime
                .map_or(meta.lifetime_deadline, |lifetime| lifetime_start(meta).after(lifetime)),
            remember: self.remember.unwrap_or(meta.remember),
        };
        let same = deadlines.idle_timeout == meta.idle_timeout
            && deadlines.lifetime_deadline == meta.lifetime_deadline
            && deadlines.remember == meta.remember;
        (!same).then_some(deadlines)
    }

    /// Returns the deadlines at `now` of a session that had this `meta` when its principal authenticated at `at`: both are
    /// counted anew.
    pub(crate) fn authenticated(&self, meta: &Meta, at: Timestamp, now: Timestamp) -> Deadlines {
        let idle_timeout = self.idle_timeout.unwrap_or(meta.idle_timeout);
        let lifetime = match meta.lifetime_deadline {
            Timestamp::NEVER => Duration::MAX,
            deadline => deadline.since(lifetime_start(meta)),
        };
        Deadlines {
            idle_timeout,
            idle_deadline: now.after(idle_timeout),
            lifetime_deadline: at.after(self.lifetime.unwrap_or(lifetime)),
            remember: self.remember.unwrap_or(meta.remember),
        }
    }
}

/// Returns the time from which the lifetime of a session is counted.
fn lifetime_start(meta: &Meta) -> Timestamp {
    meta.authenticated_at.unwrap_or(meta.created_at)
}
