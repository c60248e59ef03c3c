//! The effect of a commit on the response.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::engine::Engine;
use crate::error::Error;
use crate::shared::Shared;
use crate::state::PendingCookie;

/// The result of a commit: the cookie to send, and whether an error replaces the response.
#[must_use = "the response needs its session cookie"]
pub struct CommitResult {
    engine: Arc<Engine>,
    session: Option<Arc<Shared>>,
    /// Boxed, since most commits succeed.
    error: Option<Box<Error>>,
    pending: PendingCookie,
    accessed: bool,
}

impl CommitResult {
    /// Nothing to write except `Vary`, if the session was accessed.
    pub(super) fn nothing(engine: Arc<Engine>, accessed: bool) -> Self {
        Self { engine, session: None, error: None, pending: PendingCookie::None, accessed }
    }

    pub(super) fn of(
        session: Arc<Shared>,
        error: Option<Error>,
        pending: PendingCookie,
        accessed: bool,
    ) -> Self {
        let (engine, error) = (Arc::clone(&session.engine), error.map(Box::new));
        Self { engine, session: Some(session), error, pending, accessed }
    }

    /// Returns the status of the empty response that replaces the handler's if the session could not be committed.
    ///
    /// The error was reported already; [`take_error`](CommitResult::take_error) has it.
    pub fn replaces(&self) -> Option<StatusCode> {
        self.error.as_ref().map(|error| error.status())
    }

    /// Takes the error for which the response is replaced, for applications that render it.
    pub fn take_error(&mut self) -> Option<Error> {
        self.error.take().map(|error| *error)
    }

    /// Writes the session's `Set-Cookie`, `Vary`, `Cache-Control` and, if configured, `Clear-Site-Data` into the
    /// response's headers, of the handler's response or the one that replaces it.
    ///
    /// Other cookies stay; existing lists are extended.
    pub fn write(&self, headers: &mut HeaderMap) {
        if self.pending != PendingCookie::None
            && let Some(session) = &self.session
        {
            session.send(self.pending, headers);
        } else if self.accessed {
            self.engine.transport.vary(headers);
        }
    }

    /// Whether there is neither an error nor a header to write.
    #[cfg(feature = "actix")]
    pub(crate) fn is_empty(&self) -> bool {
        self.error.is_none() && self.pending == PendingCookie::None && !self.accessed
    }

    /// The header lines that [`write`](CommitResult::write) adds to a response without any, for frameworks with their own
    /// header types. Append each, but let `Cache-Control` replace that of the response.
    pub fn lines(&self) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = HeaderMap::new();
        self.write(&mut headers);
        headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl fmt::Debug for CommitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitResult")
            .field("error", &self.error)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
