//! Errors as responses.

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, ResponseError};

use super::convert::actix_status;
use crate::access_rejection::AccessRejection;
use crate::error::{Error, SessionRejection};

impl ResponseError for SessionRejection {
    /// The [status](SessionRejection::status).
    fn status_code(&self) -> StatusCode {
        actix_status(self.status())
    }

    /// The status. In debug builds a misconfiguration is explained as plain text.
    fn error_response(&self) -> HttpResponse {
        response(self.status_code(), self.body())
    }
}

impl ResponseError for AccessRejection {
    /// The [status](AccessRejection::status).
    fn status_code(&self) -> StatusCode {
        actix_status(self.status())
    }

    /// The status, and in debug builds the reason as plain text.
    fn error_response(&self) -> HttpResponse {
        response(self.status_code(), self.body())
    }
}

impl ResponseError for Error {
    /// The [status](Error::status).
    fn status_code(&self) -> StatusCode {
        actix_status(self.status())
    }

    /// The status, and in debug builds the error with its causes as plain text.
    fn error_response(&self) -> HttpResponse {
        response(self.status_code(), self.body())
    }
}

pub(crate) fn response(status: StatusCode, body: Option<String>) -> HttpResponse {
    match body {
        Some(text) => HttpResponse::build(status).content_type(ContentType::plaintext()).body(text),
        None => HttpResponse::new(status),
    }
}
