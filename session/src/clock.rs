//! The source of the present time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use session_core::Timestamp;

/// The source of the present time: the system's clock, or a [`ManualClock`] in a test.
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

/// A clock that a test moves by hand.
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
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
