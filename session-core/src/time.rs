//! Timestamps.

use std::time::{Duration, SystemTime};

/// A moment, in whole milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment that never comes: the deadline of what does not expire.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment that many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment `duration` later; [`Timestamp::NEVER`] when that is out of range.
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

    /// How long after `earlier` this is; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        from_millis(if self == Self::NEVER { u64::MAX } else { self.0.saturating_sub(earlier.0) })
    }

    /// This moment as the standard library's, or `None` for [`Timestamp::NEVER`] and beyond its range.
    pub fn to_system_time(self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.0)).filter(|_| self != Self::NEVER)
    }
}

impl From<SystemTime> for Timestamp {
    /// Moments before the epoch become the epoch.
    fn from(time: SystemTime) -> Self {
        Self(to_millis(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()))
    }
}

/// Whole milliseconds; what is too long is `u64::MAX`, which stands for "never".
pub(crate) fn to_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn from_millis(millis: u64) -> Duration {
    if millis == u64::MAX { Duration::MAX } else { Duration::from_millis(millis) }
}
