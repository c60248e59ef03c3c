//! The extractor for axum, and errors as responses.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::databag::Databag;
use crate::error::{Error, SessionRejection};
use crate::http::RequestInfo;
use crate::report::Chain;
use crate::session::Session;
use crate::tower::session_of;

/// Loads the session when a handler first extracts it.
///
/// A handler that takes `Session<T>` does not run when the session cannot be loaded: the response has
/// status 503. One that takes `Result<Session<T>, SessionRejection>` runs and sees that it is unavailable.
impl<S: Send + Sync, T: Databag> FromRequestParts<S> for Session<T> {
    type Rejection = SessionRejection;

    fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> impl Future<Output = Result<Self, SessionRejection>> + Send {
        let info = RequestInfo::new(&parts.headers, &parts.uri).with_extensions(&parts.extensions);
        session_of(&info, &parts.extensions)
    }
}

impl IntoResponse for SessionRejection {
    /// The [status](SessionRejection::status). In debug builds a misconfiguration is explained as plain
    /// text.
    fn into_response(self) -> Response {
        match self {
            Self::Unavailable(_) => self.status().into_response(),
            _ => error_response(self.status(), &self),
        }
    }
}

impl IntoResponse for Error {
    /// The [status](Error::status), and in debug builds the error with its causes as plain text.
    fn into_response(self) -> Response {
        error_response(self.status(), &self)
    }
}

/// In release builds clients receive only the status.
pub(crate) fn error_response(status: StatusCode, error: &(dyn std::error::Error + 'static)) -> Response {
    if cfg!(debug_assertions) {
        (status, format!("{}\n", Chain(error))).into_response()
    } else {
        status.into_response()
    }
}
