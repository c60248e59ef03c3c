//! Deadlines of one session: overrides by the application, and the resulting deadlines.

use std::time::Duration;

use session_core::{Deadlines, Meta, Timestamp};

/// Overrides of the deadlines of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeadlineOverrides {
    /// Whether deadlines not set here are those of the settings.
    pub(crate) is_reset: bool,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) remember: Option<bool>,
    /// When the same principal authenticated again, which restarts the deadlines.
    pub(crate) authenticated_at: Option<Timestamp>,
}

/// The end of a session, regardless of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// A duration after the creation of the session, or the authentication of its principal.
    Lasts(Duration),
    Ends(Timestamp),
}

/// How long a session lives, without deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Durations {
    pub(crate) idle_timeout: Duration,
    pub(crate) lifetime: Duration,
    pub(crate) remember: bool,
}

impl Lifetime {
    fn deadline(self, start: Timestamp) -> Timestamp {
        match self {
            Self::Lasts(lifetime) => start.after(lifetime),
            Self::Ends(deadline) => deadline,
        }
    }
}

impl Durations {
    /// Those of a session that has this `meta`.
    pub(crate) fn of(meta: &Meta) -> Self {
        let lifetime = match meta.lifetime_deadline {
            Timestamp::NEVER => Duration::MAX,
            deadline => deadline.since(lifetime_start(meta)),
        };
        Self { idle_timeout: meta.idle_timeout, lifetime, remember: meta.remember }
    }
}

impl DeadlineOverrides {
    /// No overrides.
    pub(crate) const NONE: Self =
        Self { is_reset: false, idle_timeout: None, lifetime: None, remember: None, authenticated_at: None };

    /// Returns the deadlines at `now` of a session that has this `meta`, whose deadlines go on.
    pub(crate) fn changed(&self, meta: &Meta, settings: Durations, now: Timestamp) -> Deadlines {
        let reset = self.is_reset.then_some(settings);
        let idle_timeout = self.idle_timeout.or(reset.map(|to| to.idle_timeout));
        let lifetime = self.lifetime.or(reset.map(|to| Lifetime::Lasts(to.lifetime)));
        Deadlines {
            idle_timeout: idle_timeout.unwrap_or(meta.idle_timeout),
            idle_deadline: idle_timeout.map_or(meta.idle_deadline, |timeout| now.after(timeout)),
            lifetime_deadline: lifetime
                .map_or(meta.lifetime_deadline, |lifetime| lifetime.deadline(lifetime_start(meta))),
            remember: self.remember.or(reset.map(|to| to.remember)).unwrap_or(meta.remember),
        }
    }

    /// Returns the deadlines at `now` of a session that has these `durations`, whose lifetime is counted from `start`.
    pub(crate) fn started(&self, durations: Durations, start: Timestamp, now: Timestamp) -> Deadlines {
        let idle_timeout = self.idle_timeout.unwrap_or(durations.idle_timeout);
        Deadlines {
            idle_timeout,
            idle_deadline: now.after(idle_timeout),
            lifetime_deadline: self.lifetime.unwrap_or(Lifetime::Lasts(durations.lifetime)).deadline(start),
            remember: self.remember.unwrap_or(durations.remember),
        }
    }
}

/// Returns the time from which the lifetime of a session is counted.
pub(crate) fn lifetime_start(meta: &Meta) -> Timestamp {
    meta.authenticated_at.unwrap_or(meta.created_at)
}
