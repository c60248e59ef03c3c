//! The extractor of the session.

use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::databag::Databag;
use crate::error::SessionRejection;
use crate::http::RequestInfo;
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
