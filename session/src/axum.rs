//! The session as an argument of an axum handler.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use session_core::Databag;

use crate::{Session, SessionRejection};

/// Loads the session when a handler first asks for it.
///
/// A handler that takes `Session<T>` does not run when the store cannot tell whether there is a session: the answer
/// is status 503. One that takes `Result<Session<T>, SessionRejection>` runs and sees that it is unavailable.
impl<S: Send + Sync, T: Databag> FromRequestParts<S> for Session<T> {
    type Rejection = SessionRejection;

    fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> impl Future<Output = Result<Self, SessionRejection>> + Send {
        crate::http::open(&parts.headers, &parts.uri, &parts.extensions)
    }
}

impl IntoResponse for SessionRejection {
    /// The status alone; the details are for the log.
    fn into_response(self) -> Response {
        self.status().into_response()
    }
}
