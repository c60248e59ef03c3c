//! Guards as layers.

use std::fmt;
use std::mem;
use std::task::{Context, Poll};

use http::header::LOCATION;
use http::{Request, Response};
use session_core::BoxFuture;
use tower_layer::Layer;
use tower_service::Service;

use super::request::request_info;
use crate::access_rejection::AccessRejection;
use crate::databag::HasPrincipal;
use crate::http::{Guard, GuardResponse};
use crate::session::Session;

impl<S, T: HasPrincipal> Layer<S> for Guard<T> {
    type Service = GuardService<S, T>;

    fn layer(&self, inner: S) -> GuardService<S, T> {
        GuardService { inner, guard: self.clone() }
    }
}

/// A service that only requests pass to which a [`Guard`] agrees.
pub struct GuardService<S, T: HasPrincipal> {
    inner: S,
    guard: Guard<T>,
}

impl<S, T, ReqBody, ResBody> Service<Request<ReqBody>> for GuardService<S, T>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    T: HasPrincipal,
    ReqBody: Send + 'static,
    ResBody: Default + 'static,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<ResBody>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let clone = self.inner.clone();
        // The clone may not be ready.
        let mut inner = mem::replace(&mut self.inner, clone);
        let guard = self.guard.clone();
        let session = Session::<T>::of_request(&request);
        Box::pin(async move {
            let checked = match session.await {
                Ok(session) => guard.check(&session, request.method(), &request_info(&request)),
                Err(rejection) => Err(AccessRejection::Session(rejection).into()),
            };
            match checked {
                Ok(()) => inner.call(request).await,
                Err(refused) => Ok(response(refused)),
            }
        })
    }
}

fn response<ResBody: Default + 'static>(refused: GuardResponse) -> Response<ResBody> {
    let mut response = body(&refused);
    *response.status_mut() = refused.status();
    if let Some(location) = refused.location {
        response.headers_mut().insert(LOCATION, location);
    }
    response.extensions_mut().insert(refused.reason);
    response
}

/// In axum, debug builds explain the reason as plain text.
fn body<ResBody: Default + 'static>(refused: &GuardResponse) -> Response<ResBody> {
    #[cfg(feature = "axum")]
    if refused.location.is_none() {
        let explained = axum_core::response::IntoResponse::into_response(refused.reason.clone());
        let explained: Box<dyn std::any::Any> = Box::new(explained);
        if let Ok(response) = explained.downcast() {
            return *response;
        }
    }
    let _ = refused;
    Response::new(ResBody::default())
}

impl<S: Clone, T: HasPrincipal> Clone for GuardService<S, T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), guard: self.guard.clone() }
    }
}

impl<S: fmt::Debug, T: HasPrincipal> fmt::Debug for GuardService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").field("inner", &self.inner).field("guard", &self.guard).finish()
    }
}
