//! Reporting errors with all their causes, to the log or to standard error.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

/// An error and its causes, outermost first, joined by `: `.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Logs an error, and returns whether a subscriber takes it.
pub(crate) fn log_error(event: &str, error: &impl fmt::Display) -> bool {
    #[cfg(feature = "tracing")]
    {
        tracing::error!(%error, "{event}");
        tracing::enabled!(tracing::Level::ERROR)
    }
    #[cfg(not(feature = "tracing"))]
    {
        let _ = (event, error);
        false
    }
}

/// Logs a warning, and returns whether a subscriber takes it.
pub(crate) fn log_warning(event: &str, warning: &impl fmt::Display) -> bool {
    #[cfg(feature = "tracing")]
    {
        tracing::warn!(%warning, "{event}");
        tracing::enabled!(tracing::Level::WARN)
    }
    #[cfg(not(feature = "tracing"))]
    {
        let _ = (event, warning);
        false
    }
}

/// The maximum number of different errors that are printed, so that texts with numbers in them do not fill the memory.
const KINDS: usize = 64;

/// Prints an error and its causes to standard error, the first time that an error of this text occurs in the process.
pub(crate) fn print(level: &str, error: &(dyn Error + 'static)) {
    static PRINTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    if printed.len() < KINDS && printed.insert(error.to_string()) {
        // A closed standard error is no reason to fail.
        let _ = writeln!(
            io::stderr().lock(),
            "session: {level}: {} (printed once; `on_{level}` and a tracing subscriber get every one)",
            Chain(error)
        );
    }
}
