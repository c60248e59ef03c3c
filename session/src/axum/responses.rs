//! Errors and rejections as responses.

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use crate::access_rejection::AccessRejection;
use crate::error::{Error, SessionRejection};
use crate::report::Chain;

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

impl IntoResponse for AccessRejection {
    /// The [status](AccessRejection::status), and in debug builds the reason as plain text.
    fn into_response(self) -> Response {
        match self {
            Self::Session(rejection) => rejection.into_response(),
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
