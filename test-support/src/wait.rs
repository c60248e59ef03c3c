//! Waiting for a condition.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Polls `ask` until it returns a value.
///
/// # Panics
///
/// After two minutes without one, with `what` in the message.
#[track_caller]
pub fn wait_until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited two minutes until {what}");
        sleep(Duration::from_millis(10));
    }
}
