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
    /// That of sessions without a principal, if it is another.
    pub(crate) anonymous_idle_timeout: Option<Duration>,
    pub(crate) lifetime: Duration,
    /// Limits also the deadlines that single sessions are given.
    pub(crate) policy: Option<Policy>,
    pub(crate) remember: bool,
    pub(crate) touch: Touch,
    pub(crate) strict: bool,
    pub(crate) io_timeout: Option<Duration>,
    pub(crate) max_bytes: usize,
    pub(crate) production: bool,
    /// How many sessions a principal may have.
    pub(crate) session_limit: Option<(usize, Evict)>,
}

impl Settings {
    /// Returns the deadlines of a session that begins at `now`, with or without a principal.
    pub(crate) fn new_deadlines(
        &self,
        overrides: &DeadlineOverrides,
        has_principal: bool,
        now: Timestamp,
    ) -> Deadlines {
        self.limited(overrides.started(self.durations(has_principal), now, now), now, now)
    }

    /// Returns the deadlines at `now` of a session that had this `meta` when its principal authenticated at `at`: both are
    /// counted anew.
    pub(crate) fn deadlines_after(
        &self,
        overrides: &DeadlineOverrides,
        meta: &Meta,
        at: Timestamp,
        now: Timestamp,
    ) -> Deadlines {
        self.limited(overrides.started(self.durations_after(overrides, meta), at, now), at, now)
    }

    /// Returns the deadlines at `now` of a session that has this `meta` and keeps its principal; `None` when they stay as
    /// they are.
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

    /// How long a session with or without a principal lives that is not given deadlines of its own.
    fn durations(&self, has_principal: bool) -> Durations {
        let anonymous = self.anonymous_idle_timeout.filter(|_| !has_principal);
        Durations {
            idle_timeout: anonymous.unwrap_or(self.idle_timeout),
            lifetime: self.lifetime,
            remember: self.remember,
        }
    }

    /// How long a session that had this `meta` lives after its principal authenticated: as long as before, unless that
    /// was because it had none.
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
