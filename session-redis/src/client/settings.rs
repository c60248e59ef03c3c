//! Timeouts and retries, shared by all connections of a store.

use std::time::Duration;

/// Behaviour of calls while there is no connection to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhileDisconnected {
    /// Fails at once, until the next attempt to connect succeeds. The default.
    #[default]
    Fail,
    /// Waits for a connection, as long as the response timeout allows.
    Wait,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) backoff: Duration,
    pub(crate) while_disconnected: WhileDisconnected,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            response_timeout: Duration::from_secs(2),
            retries: 3,
            backoff: Duration::from_millis(20),
            while_disconnected: WhileDisconnected::Fail,
        }
    }
}

impl Settings {
    /// The pause before the next attempt, after `attempts` failed ones. Doubles each time, five times at most.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        self.backoff.saturating_mul(1 << attempts.min(5))
    }
}
