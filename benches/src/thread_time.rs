//! Time measurement per thread, from `/proc/thread-self/schedstat`.

use std::fs::read_to_string;
use std::time::{Duration, Instant};

/// A stopwatch that excludes the time its thread was runnable but not scheduled. Waiting for a lock is included.
pub struct Stopwatch {
    start: Instant,
    run_delay: Duration,
}

impl Stopwatch {
    /// Starts the stopwatch.
    pub fn new() -> Self {
        Self { start: Instant::now(), run_delay: run_delay() }
    }

    /// Returns the time since the start. Call it on the thread that called [`new`](Self::new).
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed().saturating_sub(run_delay().saturating_sub(self.run_delay))
    }
}

impl Default for Stopwatch {
    fn default() -> Self {
        Self::new()
    }
}

/// CPU time of this thread; zero where the system does not provide it.
pub fn cpu_time() -> Duration {
    schedstat(0)
}

/// Time this thread was runnable but not scheduled; zero where the system does not provide it.
pub fn run_delay() -> Duration {
    schedstat(1)
}

fn schedstat(index: usize) -> Duration {
    let text = read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').nth(index).and_then(|nanoseconds| nanoseconds.parse().ok());
    nanoseconds.map(Duration::from_nanos).unwrap_or_default()
}
