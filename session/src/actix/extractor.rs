//! `Session<T>` as an argument of handlers.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use session_core::BoxFuture;

use super::request::read;
use crate::databag::Databag;
use crate::error::SessionRejection;
use crate::http::{Exchange, session_of};
use crate::session::Session;

/// Loads the session when a handler or middleware first extracts it.
///
/// A handler that takes `Session<T>` does not run when the session cannot be loaded: the response has
/// status 503. One that takes `Result<Session<T>, SessionRejection>` runs and sees that it is unavailable. Middleware calls
/// [`ServiceRequest::extract`](actix_web::dev::ServiceRequest::extract).
impl<T: Databag> FromRequest for Session<T> {
    type Error = SessionRejection;
    type Future = BoxFuture<'static, Result<Self, SessionRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let exchange = request.extensions().get::<Exchange>().cloned();
        if let Some(exchange) = &exchange {
            read(exchange, request);
        }
        Box::pin(session_of(exchange))
    }
}
