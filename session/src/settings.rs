//! Settings that all sessions of a manager or layer share.

use std::time::Duration;

use session_core::{Deadlines, Evict, Meta, Timestamp};

use crate::deadlines::{DeadlineOverrides, Durations, lifetime_start};
use crate::policy::Policy;

/// When using a session moves its idle deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Touch {
    /// When its data or state was read or written. The default.
    #[default]
    OnUse,
    /// On every request that presents its token, at one load each.
    EveryRequest,
    /// Never: the idle timeout counts from creation.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) idle_timeout: Duration,
    /// The idle timeout of sessions without a principal, if different.
    pub(crate) anonymous_idle_timeout: Option<Duration>,
    pub(crate) lifetime: Duration,
    /// Also limits the overrides of single sessions.
    pub(crate) policy: Option<Policy>,
    pub(crate) remember: bool,
    pub(crate) touch: Touch,
    pub(crate) strict: bool,
    pub(crate) io_timeout: Option<Duration>,
    pub(crate) max_bytes: usize,
    pub(crate) production: bool,
    /// The maximum number of sessions of a principal.
    pub(crate) session_limit: Option<(usize, Evict)>,
}

impl Settings {
    /// Returns the deadlines of a session that begins at `now`, with or without a principal.
    pub(crate) fn new_deadlines(
        &self,
        overrides: Option<&DeadlineOverrides>,
        has_principal: bool,
        now: Timestamp,
    ) -> Deadlines {
        let overrides = overrides.unwrap_or(&DeadlineOverrides::NONE);
        self.limited(overrides.started(self.durations(has_principal), now, now), now, now)
    }

    /// Returns the deadlines at `now` of a session that had this `meta` when its principal authenticated at `at`: both
    /// restart.
    pub(crate) fn deadlines_after(
        &self,
        overrides: Option<&DeadlineOverrides>,
        meta: &Meta,
        at: Timestamp,
        now: Timestamp,
    ) -> Deadlines {
        let overrides = overrides.unwrap_or(&DeadlineOverrides::NONE);
        self.limited(overrides.started(self.durations_after(overrides, meta), at, now), at, now)
    }

    /// Returns the deadlines at `now` of a session that has this `meta` and keeps its principal; `None` if they stay the
    /// same.
    pub(crate) fn changed_deadlines(
        &self,
        overrides: &DeadlineOverrides,
        meta: &Meta,
        has_principal: bool,
        now: Timestamp,
    ) -> Option<Deadlines> {
        let changed = overrides.changed(meta, self.durations(has_principal), now);
        let deadlines = self.limited(changed, lifetime_start(meta), now);
        let same = deadlines.idle_timeout == meta.idle_timeout
            && deadlines.lifetime_deadline == meta.lifetime_deadline
            && deadlines.remember == meta.remember;
        (!same).then_some(deadlines)
    }

    /// The durations of a session with or without a principal, without overrides.
    fn durations(&self, has_principal: bool) -> Durations {
        let anonymous = self.anonymous_idle_timeout.filter(|_| !has_principal);
        Durations {
            idle_timeout: anonymous.unwrap_or(self.idle_timeout),
            lifetime: self.lifetime,
            remember: self.remember,
        }
    }

    /// The durations of a session that had this `meta` after its principal authenticated: the same as before, unless
    /// those were of an anonymous session.
    fn durations_after(&self, overrides: &DeadlineOverrides, meta: &Meta) -> Durations {
        if overrides.is_reset {
            return self.durations(true);
        }
        let own = Durations::of(meta);
        let was_anonymous =
            meta.authenticated_at.is_none() && self.anonymous_idle_timeout == Some(own.idle_timeout);
        Durations { idle_timeout: if was_anonymous { self.idle_timeout } else { own.idle_timeout }, ..own }
    }

    fn limited(&self, deadlines: Deadlines, start: Timestamp, now: Timestamp) -> Deadlines {
        self.policy.map_or(deadlines, |policy| policy.limit(deadlines, start, now))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(60 * 60),
            anonymous_idle_timeout: None,
            lifetime: Duration::from_secs(24 * 60 * 60),
            policy: None,
            remember: false,
            touch: Touch::OnUse,
            strict: false,
            io_timeout: None,
            max_bytes: 64 << 10,
            production: !cfg!(debug_assertions),
            session_limit: None,
        }
    }
}
