//! The form token as an argument of actix-web handlers, and refusals as responses.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use session_core::BoxFuture;

use super::refusal::CsrfRefusal;
use super::token::CsrfToken;
use crate::actix::response;
use crate::error::SessionRejection;
use crate::http::explain;
use crate::session::Session;

/// Loads the session, if no other extractor did.
impl FromRequest for CsrfToken {
    type Error = SessionRejection;
    type Future = BoxFuture<'static, Result<Self, SessionRejection>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::from_request(request, payload);
        Box::pin(async { session.await.map(Self) })
    }
}

impl ResponseError for CsrfRefusal {
    /// The [status](CsrfRefusal::status).
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    /// The status, and in debug builds the reason as plain text.
    fn error_response(&self) -> HttpResponse {
        response(StatusCode::FORBIDDEN, explain(self))
    }
}
