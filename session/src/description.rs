//! The effective settings as a table, for an application's security documentation.

use std::fmt;
use std::time::Duration;

use session_core::Evict;

use crate::engine::Engine;
use crate::settings::{Settings, Touch};

/// The effective settings of a manager or layer. `Display` prints them as a table of plain text, one setting in each line,
/// always in the same order. It contains no secrets.
///
/// Made by [`SessionManager::describe`](crate::SessionManager::describe).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    rows: Vec<(&'static str, String)>,
}

impl Description {
    /// Returns the names of the settings and their values.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.rows.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (index, (name, value)) in self.rows.iter().enumerate() {
            let line_break = if index > 0 { "\n" } else { "" };
            write!(f, "{line_break}{name:width$}  {value}")?;
        }
        Ok(())
    }
}

impl Engine {
    pub(crate) fn describe(&self) -> Description {
        let mut rows = self.settings.rows();
        let ends = if self.store.capabilities().stateless {
            "by the client, which deletes its cookie; the server cannot"
        } else {
            "on the server, at once"
        };
        rows.push(("sessions are ended", ends.to_owned()));
        rows.push(("store", self.store.name().to_owned()));
        #[cfg(feature = "http")]
        rows.extend(self.transport.rows());
        Description { rows }
    }
}

impl Settings {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let anonymous = self.anonymous_idle_timeout.unwrap_or(self.idle_timeout);
        let concurrent = match self.session_limit {
            None => "unlimited".to_owned(),
            Some((max, Evict::Oldest)) => {
                format!("{max} for each principal; one more ends the one that signed in first")
            }
            Some((max, Evict::Reject)) => {
                format!("{max} for each principal; one more is refused with status 409")
            }
        };
        let use_of_it = match self.touch {
            Touch::OnUse => "reading or writing the session",
            Touch::EveryRequest => "every request that presents its token",
            Touch::Never => "nothing: the inactivity timeout counts from creation and authentication",
        };
        let remember =
            if self.remember { "every session" } else { "sessions for which the application asks for it" };
        let policy = match self.policy {
            Some(policy) => {
                format!("NIST SP 800-63B-4 {policy}: deadlines of single sessions are limited too")
            }
            None => "none".to_owned(),
        };
        vec![
            ("policy", policy),
            ("inactivity timeout", text(self.idle_timeout)),
            ("inactivity timeout, anonymous", text(anonymous)),
            ("absolute lifetime", text(self.lifetime)),
            ("lifetime is counted from", "creation, sign-in and authentication".to_owned()),
            ("counts as use", use_of_it.to_owned()),
            ("concurrent sessions", concurrent),
            ("kept when the browser is closed", remember.to_owned()),
            (
                "token is renewed by",
                "sign-in, sign-out, change of principal, authentication, and the application".to_owned(),
            ),
            ("size of a session", format!("{} bytes at most", self.max_bytes)),
        ]
    }
}

/// A duration in the largest unit in which it is a whole number.
fn text(duration: Duration) -> String {
    const UNITS: [(u128, &str); 5] = [
        (24 * 60 * 60 * 1000, "day"),
        (60 * 60 * 1000, "hour"),
        (60 * 1000, "minute"),
        (1000, "second"),
        (1, "millisecond"),
    ];
    if duration == Duration::MAX {
        return "none".to_owned();
    }
    let millis = duration.as_millis();
    let fits = |(unit, _): &&(u128, &str)| millis >= *unit && millis.is_multiple_of(*unit);
    let (unit, name) = UNITS.iter().find(fits).unwrap_or(&UNITS[4]);
    let count = millis / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
