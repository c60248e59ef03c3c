//! Guards as middleware.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::{Error, HttpResponse, ResponseError as _};

use super::convert::{actix_status, method_of};
use super::request::with_info;
use crate::access_rejection::AccessRejection;
use crate::databag::HasPrincipal;
use crate::http::{Guard, GuardResponse};
use crate::session::Session;

/// A guard is middleware inside of the session's: it is wrapped before.
impl<S, B, T> Transform<S, ServiceRequest> for Guard<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T: HasPrincipal,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = GuardMiddlewareService<S, T>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(GuardMiddlewareService { inner: Rc::new(inner), guard: self.clone() }))
    }
}

/// A service that only requests pass to which a [`Guard`] agrees.
pub struct GuardMiddlewareService<S, T: HasPrincipal> {
    inner: Rc<S>,
    guard: Guard<T>,
}

impl<S, B, T> Service<ServiceRequest> for GuardMiddlewareService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T: HasPrincipal,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let (inner, guard) = (Rc::clone(&self.inner), self.guard.clone());
        Box::pin(async move {
            let checked = match request.extract::<Session<T>>().await {
                Ok(session) => with_info(request.request(), |info| {
                    guard.check(&session, &method_of(request.method()), info)
                }),
                Err(rejection) => Err(AccessRejection::Session(rejection).into()),
            };
            match checked {
                Ok(()) => inner.call(request).await.map(ServiceResponse::map_into_left_body),
                Err(refused) => Ok(request.into_response(response(refused)).map_into_right_body()),
            }
        })
    }
}

fn response(refused: GuardResponse) -> HttpResponse {
    let location = refused.location.as_ref().and_then(|page| HeaderValue::from_bytes(page.as_bytes()).ok());
    let mut response = match location {
        Some(location) => {
            let mut redirect = HttpResponse::new(actix_status(refused.status()));
            redirect.headers_mut().insert(LOCATION, location);
            redirect
        }
        None => refused.reason.error_response(),
    };
    response.extensions_mut().insert(refused.reason);
    response
}

impl<S: fmt::Debug, T: HasPrincipal> fmt::Debug for GuardMiddlewareService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardMiddlewareService")
            .field("inner", &self.inner)
            .field("guard", &self.guard)
            .finish()
    }
}
