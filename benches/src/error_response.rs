//! Error response of handlers.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// Responds with status 500 and the error message as the body.
pub(crate) struct HandlerError(String);

impl<E: Display> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for HandlerError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
