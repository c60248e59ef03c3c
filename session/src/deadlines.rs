//! Deadlines that the application asked for, for one session.

use std::time::Duration;

use session_core::{Deadlines, Meta, Timestamp};

/// Deadlines that the application asked for, for one session, in place of the settings'.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeadlineOverrides {
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) remember: Option<bool>,
}

impl DeadlineOverrides {
    /// Returns the deadlines at `now` of a session that has this `meta`; `None` when they stay as they are.
    pub(crate) fn deadlines(&self, meta: &Meta, now: Timestamp) -> Option<Deadlines> {
        let deadlines = Deadlines {
            idle_timeout: self.idle_timeout.unwrap_or(meta.idle_timeout),
            idle_deadline: self.idle_timeout.map_or(meta.idle_deadline, |timeout| now.after(timeout)),
            lifetime_deadline: self
                .lifetime
                .map_or(meta.lifetime_deadline, |lifetime| meta.created_at.after(lifetime)),
            remember: self.remember.unwrap_or(meta.remember),
        };
        let same = deadlines.idle_timeout == meta.idle_timeout
            && deadlines.lifetime_deadline == meta.lifetime_deadline
            && deadlines.remember == meta.remember;
        (!same).then_some(deadlines)
    }

    /// Returns the deadlines of a session of this `meta` to which somebody signs in at `now`: both are counted from then.
    pub(crate) fn signed_in(&self, meta: &Meta, now: Timestamp) -> Deadlines {
        let idle_timeout = self.idle_timeout.unwrap_or(meta.idle_timeout);
        let lifetime = match meta.lifetime_deadline {
            Timestamp::NEVER => Duration::MAX,
            deadline => deadline.since(meta.created_at),
        };
        Deadlines {
            idle_timeout,
            idle_deadline: now.after(idle_timeout),
            lifetime_deadline: now.after(self.lifetime.unwrap_or(lifetime)),
            remember: self.remember.unwrap_or(meta.remember),
        }
    }
}
