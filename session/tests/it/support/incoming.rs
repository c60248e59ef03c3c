//! The request as an argument of a handler.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use axum::extract::FromRequestParts;
use http::request::Parts;
use send_wrapper::SendWrapper;
use session::{Databag, Session, SessionRejection};

/// A request, from which a handler, or a task that outlives it, extracts sessions itself.
pub(crate) enum Incoming {
    Axum(Box<Parts>),
    Actix(SendWrapper<HttpRequest>),
}

impl Incoming {
    pub(crate) async fn session<T: Databag>(&self) -> Result<Session<T>, SessionRejection> {
        match self {
            Self::Axum(parts) => Session::from_request_parts(&mut parts.as_ref().clone(), &()).await,
            Self::Actix(request) => <Session<T> as actix_web::FromRequest>::extract(request).await,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Incoming {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::Axum(Box::new(parts.clone())))
    }
}

impl actix_web::FromRequest for Incoming {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self::Actix(SendWrapper::new(request.clone()))))
    }
}
