//! Settings that all sessions of a manager or layer share.

use std::time::Duration;

use session_core::Evict;

use crate::deadlines::Durations;

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
    pub(crate) lifetime: Duration,
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
    /// How long sessions live that are not given deadlines of their own.
    pub(crate) fn durations(&self) -> Durations {
        Durations { idle_timeout: self.idle_timeout, lifetime: self.lifetime, remember: self.remember }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(60 * 60),
            lifetime: Duration::from_secs(24 * 60 * 60),
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
