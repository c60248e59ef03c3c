//! Durations in plain words.

use std::time::Duration;

use session::{Clock, Timestamp};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Describes how long ago a time was, such as `3 minutes ago`.
pub(crate) fn ago(time: Timestamp) -> String {
    match Clock::system().now().since(time).as_secs() {
        0..MINUTE => "just now".to_owned(),
        seconds => format!("{} ago", describe(seconds)),
    }
}

/// Describes the time until a deadline, such as `59 minutes`.
pub(crate) fn until(deadline: Timestamp) -> String {
    match deadline.since(Clock::system().now()) {
        Duration::MAX => "unlimited time".to_owned(),
        left if left.as_secs() < MINUTE => "less than a minute".to_owned(),
        left => describe(left.as_secs()),
    }
}

fn describe(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        DAY.. => (seconds / DAY, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
