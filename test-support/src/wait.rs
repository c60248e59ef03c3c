//! Waiting for a server to get somewhere.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Asks again and again until there is an answer.
///
/// # Panics
///
/// When there is none for two minutes; the message says what was waited for.
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
