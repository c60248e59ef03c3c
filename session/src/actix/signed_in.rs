//! Signed-in visitors, and the page to return to, as arguments of handlers.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use session_core::BoxFuture;

use crate::access_rejection::AccessRejection;
use crate::databag::HasPrincipal;
use crate::http::ReturnTo;
use crate::session::Session;
use crate::signed_in::{Fresh, SignedIn};

/// `Option<SignedIn<T>>` is `None` whatever the reason, as always in actix-web: also if the session cannot be loaded.
impl<T: HasPrincipal> FromRequest for SignedIn<T> {
    type Error = AccessRejection;
    type Future = BoxFuture<'static, Result<Self, AccessRejection>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::from_request(request, payload);
        Box::pin(async { Self::of(session.await?) })
    }
}

impl<T: HasPrincipal, const SECONDS: u64> FromRequest for Fresh<T, SECONDS> {
    type Error = AccessRejection;
    type Future = BoxFuture<'static, Result<Self, AccessRejection>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::from_request(request, payload);
        Box::pin(async { Self::of(session.await?) })
    }
}

/// The parameter `next` of the query, or `/`.
impl FromRequest for ReturnTo {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.uri().query().and_then(Self::from_query).unwrap_or_default()))
    }
}
