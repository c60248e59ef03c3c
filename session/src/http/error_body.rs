//! The bodies of responses to errors.

use crate::access_rejection::AccessRejection;
use crate::error::{Error, SessionRejection};
use crate::report::Chain;

impl Error {
    /// The error with its causes as plain text, in debug builds. In release builds clients receive only the status.
    pub(crate) fn body(&self) -> Option<String> {
        explain(self)
    }
}

impl SessionRejection {
    /// A misconfiguration is explained as plain text, in debug builds.
    pub(crate) fn body(&self) -> Option<String> {
        match self {
            Self::Unavailable(_) => None,
            _ => explain(self),
        }
    }
}

impl AccessRejection {
    /// The reason as plain text, in debug builds.
    pub(crate) fn body(&self) -> Option<String> {
        match self {
            Self::Session(rejection) => rejection.body(),
            _ => explain(self),
        }
    }
}

/// The error with its causes as plain text, in debug builds.
pub(crate) fn explain(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    cfg!(debug_assertions).then(|| format!("{}\n", Chain(error)))
}
