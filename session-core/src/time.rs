//! Timestamps in milliseconds since the Unix epoch.

use std::time::{Duration, SystemTime};

/// A point in time, in whole milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The deadline of a session that does not expire. It is later than every other timestamp.
    pub const NEVER: Self = Self(u64::MAX);

    /// Creates a timestamp from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns the timestamp `duration` later, or [`Timestamp::NEVER`] if that is out of range.
    ///
    /// ```
    /// use session_core::Timestamp;
    /// use std::time::Duration;
    ///
    /// let start = Timestamp::from_millis(1_000);
    /// assert_eq!(start.after(Duration::from_secs(2)), Timestamp::from_millis(3_000));
    /// assert_eq!(start.after(Duration::MAX), Timestamp::NEVER);
    /// ```
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(to_millis(duration)))
    }

    /// Returns the time elapsed since `earlier`, or zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        from_millis(if self == Self::NEVER { u64::MAX } else { self.0.saturating_sub(earlier.0) })
    }

    /// Converts to [`SystemTime`], or returns `None` for [`Timestamp::NEVER`] and for timestamps out of its range.
    pub fn to_system_time(self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.0)).filter(|_| self != Self::NEVER)
    }
}

impl From<SystemTime> for Timestamp {
    /// Times before the Unix epoch become the epoch.
    fn from(time: SystemTime) -> Self {
        Self(to_millis(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()))
    }
}

/// Returns whole milliseconds, or `u64::MAX`, which stands for "never", if there are too many.
pub(crate) fn to_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The inverse of [`to_millis`].
pub(crate) fn from_millis(millis: u64) -> Duration {
    if millis == u64::MAX { Duration::MAX } else { Duration::from_millis(millis) }
}
