//! Time as a thread has it to itself.

use std::fs::read_to_string;
use std::time::{Duration, Instant};

/// A clock that stands still while its thread could run but other programs have the processor. It goes on while the
/// thread waits for a lock.
pub struct OwnTime {
    start: Instant,
    queued: Duration,
}

impl OwnTime {
    /// Begins now.
    pub fn new() -> Self {
        Self { start: Instant::now(), queued: queued() }
    }

    /// What has passed since, on the thread on which it began.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed().saturating_sub(queued().saturating_sub(self.queued))
    }
}

impl Default for OwnTime {
    fn default() -> Self {
        Self::new()
    }
}

/// How long this thread has had a processor since it began; zero where the system does not tell.
pub fn used() -> Duration {
    told(0)
}

/// How long this thread has waited for a processor since it began; zero where the system does not tell.
pub fn queued() -> Duration {
    told(1)
}

fn told(place: usize) -> Duration {
    let told = read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').nth(place).and_then(|nanoseconds| nanoseconds.parse().ok());
    nanoseconds.map(Duration::from_nanos).unwrap_or_default()
}
