//! Moments, and the clock that tells them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// What tells the time: the system's clock, or a [`ManualClock`] in a test.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self(None)
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => SystemTime::now().into(),
            Some(millis) => Timestamp(millis.load(Ordering::SeqCst)),
        }
    }
}

impl From<&ManualClock> for Clock {
    fn from(clock: &ManualClock) -> Self {
        Self(Some(Arc::clone(&clock.0)))
    }
}

impl From<ManualClock> for Clock {
    fn from(clock: ManualClock) -> Self {
        Self(Some(clock.0))
    }
}

/// A clock that a test moves by hand.
///
/// ```
/// use session_core::{Clock, ManualClock, Timestamp};
/// use std::time::Duration;
///
/// let manual = ManualClock::starting_at(Timestamp::from_millis(5_000));
/// let clock = Clock::from(&manual);
/// manual.advance(Duration::from_secs(1));
/// assert_eq!(clock.now(), Timestamp::from_millis(6_000));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that stands at `start` until it is moved.
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(start.as_millis())))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let moved = self.now().after(by);
        self.0.store(moved.as_millis(), Ordering::SeqCst);
    }

    /// The moment at which the clock stands.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
