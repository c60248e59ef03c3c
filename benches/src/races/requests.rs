//! How many requests race.

/// Requests that write one session at once, each a field of its own.
pub(super) const REQUESTS: usize = 200;
