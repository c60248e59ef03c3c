//! The form token as an argument of axum handlers, and refusals as responses.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use super::refusal::CsrfRefusal;
use super::token::CsrfToken;
use crate::axum::response;
use crate::error::SessionRejection;
use crate::http::explain;
use crate::session::Session;

/// Loads the session, if no other extractor did.
impl<S: Send + Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRejection> {
        Session::from_request_parts(parts, state).await.map(Self)
    }
}

impl IntoResponse for CsrfRefusal {
    /// The [status](CsrfRefusal::status), and in debug builds the reason as plain text.
    fn into_response(self) -> Response {
        response(self.status(), explain(&self))
    }
}
