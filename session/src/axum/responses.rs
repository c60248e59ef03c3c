//! Errors and rejections as responses.

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use crate::access_rejection::AccessRejection;
use crate::error::{Error, SessionRejection};

impl IntoResponse for SessionRejection {
    /// The [status](SessionRejection::status). In debug builds a misconfiguration is explained as plain
    /// text.
    fn into_response(self) -> Response {
        response(self.status(), self.body())
    }
}

impl IntoResponse for AccessRejection {
    /// The [status](AccessRejection::status), and in debug builds the reason as plain text.
    fn into_response(self) -> Response {
        response(self.status(), self.body())
    }
}

impl IntoResponse for Error {
    /// The [status](Error::status), and in debug builds the error with its causes as plain text.
    fn into_response(self) -> Response {
        response(self.status(), self.body())
    }
}

pub(crate) fn response(status: StatusCode, body: Option<String>) -> Response {
    match body {
        Some(text) => (status, text).into_response(),
        None => status.into_response(),
    }
}
