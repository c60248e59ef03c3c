//! The clock that deadlines are compared with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use session_core::Timestamp;

/// The clock that deadlines are compared with: the system's, or a [`ManualClock`] in a test.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// Returns the system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => SystemTime::now().into(),
            Some(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
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

/// A clock that tests set by hand.
///
/// ```
/// use session::{Clock, ManualClock, Timestamp};
/// use std::time::Duration;
///
/// let manual = ManualClock::starting_at(Timestamp::from_millis(5_000));
/// let clock = Clock::from(&manual);
/// manual.advance(Duration::from_secs(1));
/// assert_eq!(clock.now(), Timestamp::from_millis(6_000));
/// ```
#[doc(alias("mock", "fake clock", "time travel"))]
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Creates a clock that stands at `start` until it is advanced.
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(start.as_millis())))
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        let advanced = self.now().after(by);
        self.0.store(advanced.as_millis(), Ordering::SeqCst);
    }

    /// Returns the clock's time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
