//! Time measurement per thread, from `/proc/thread-self/schedstat`.

use std::fs::read_to_string;
use std::time::{Duration, Instant};

/// A stopwatch that excludes the time its thread was runnable but not scheduled. Waiting for a lock is included.
pub struct OwnTime {
    start: Instant,
    queued: Duration,
}

impl OwnTime {
    /// Starts the stopwatch.
    pub fn new() -> Self {
        Self { start: Instant::now(), queued: queued() }
    }

    /// Returns the time since the start. Call it on the thread that called [`new`](Self::new).
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed().saturating_sub(queued().saturating_sub(self.queued))
    }
}

impl Default for OwnTime {
    fn default() -> Self {
        Self::new()
    }
}

/// CPU time of this thread; zero where the system does not provide it.
pub fn used() -> Duration {
    told(0)
}

/// Time this thread was runnable but not scheduled; zero where the system does not provide it.
pub fn queued() -> Duration {
    told(1)
}

fn told(place: usize) -> Duration {
    let told = read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').nth(place).and_then(|nanoseconds| nanoseconds.parse().ok());
    nanoseconds.map(Duration::from_nanos).unwrap_or_default()
}
