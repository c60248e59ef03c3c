//! The layer as middleware of actix-web, the form token as an argument of its handlers, and refusals as responses.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::EitherBody;
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, ResponseError};
use session_core::BoxFuture;

use super::layer::CsrfLayer;
use super::origin::OriginCheck;
use super::refusal::CsrfRefusal;
use super::token::CsrfToken;
use crate::actix::{headers_of, method_of, response, uri_of};
use crate::error::SessionRejection;
use crate::http::explain;
use crate::session::Session;

/// The layer is middleware too, in whichever order with that of the session.
impl<S, B> Transform<S, ServiceRequest> for CsrfLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = CsrfMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(CsrfMiddlewareService { inner, check: Arc::new(self.check.clone()) }))
    }
}

/// A service of actix-web behind a [`CsrfLayer`].
#[derive(Debug)]
pub struct CsrfMiddlewareService<S> {
    inner: S,
    check: Arc<OriginCheck>,
}

impl<S, B> Service<ServiceRequest> for CsrfMiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let uri = uri_of(request.uri()).unwrap_or_default();
        match self.check.check(&method_of(request.method()), &headers_of(request.headers()), &uri) {
            Ok(()) => {
                let response = self.inner.call(request);
                Box::pin(async { response.await.map(ServiceResponse::map_into_left_body) })
            }
            Err(refusal) => {
                let mut refused = refusal.error_response();
                refused.extensions_mut().insert(refusal);
                Box::pin(ready(Ok(request.into_response(refused).map_into_right_body())))
            }
        }
    }
}

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
