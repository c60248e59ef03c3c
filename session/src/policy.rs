//! The limits of NIST SP 800-63B-4 for sessions.

use std::fmt;
use std::time::Duration;

use session_core::{Deadlines, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An authentication assurance level of NIST SP 800-63B-4, with its limits for sessions.
///
/// | level | section | lifetime | idle timeout |
/// |---|---|---|---|
/// | AAL1 | 2.1.3 | 30 days | not limited |
/// | AAL2 | 2.2.3 | 24 hours | 1 hour |
/// | AAL3 | 2.3.3 | 12 hours | 15 minutes |
///
/// Other requirements of a level, such as authentication factors, are up to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Some assurance, for example by a password.
    Aal1,
    /// High assurance, by two factors.
    Aal2,
    /// Very high assurance, by a non-exportable, phishing-resistant key.
    Aal3,
}

impl Policy {
    /// Returns how long a session lives at most, counted from when its principal last authenticated.
    pub fn max_lifetime(self) -> Duration {
        match self {
            Self::Aal1 => 30 * DAY,
            Self::Aal2 => 24 * HOUR,
            Self::Aal3 => 12 * HOUR,
        }
    }

    /// Returns how long a session lives at most without being used; `None` where that is not limited.
    pub fn max_idle_timeout(self) -> Option<Duration> {
        match self {
            Self::Aal1 => None,
            Self::Aal2 => Some(HOUR),
            Self::Aal3 => Some(15 * MINUTE),
        }
    }

    /// Returns the deadlines within the limits at `now` of a session whose lifetime is counted from `start`.
    pub(crate) fn limit(self, deadlines: Deadlines, start: Timestamp, now: Timestamp) -> Deadlines {
        let idle_timeout = self.max_idle_timeout().unwrap_or(Duration::MAX);
        Deadlines {
            idle_timeout: deadlines.idle_timeout.min(idle_timeout),
            idle_deadline: deadlines.idle_deadline.min(now.after(idle_timeout)),
            lifetime_deadline: deadlines.lifetime_deadline.min(start.after(self.max_lifetime())),
            remember: deadlines.remember,
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aal1 => "AAL1",
            Self::Aal2 => "AAL2",
            Self::Aal3 => "AAL3",
        })
    }
}
