//! Number of concurrent requests.

/// Concurrent requests on one session, each of which writes its own field.
pub(super) const REQUESTS: usize = 200;
