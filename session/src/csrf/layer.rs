//! The layer that refuses requests of other origins.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::origin::{InvalidOrigin, OriginCheck};
use super::refusal::CsrfRefusal;

/// Refuses requests that pages of other origins send, with status 403, before the application sees them.
///
/// It reads `Sec-Fetch-Site`, and of older browsers `Origin` and `Referer`: no session is loaded, and no page has to be changed.
/// Requests with the methods `GET`, `HEAD`, `OPTIONS` and `TRACE` pass, unless they open a web socket. So do requests without
/// any of those headers, which no current browser sends.
///
/// ```
/// use axum::{Router, routing::post};
/// use session::csrf::CsrfLayer;
/// use session::{MemoryStore, SessionLayer};
///
/// # async fn order() {}
/// let app: Router = Router::new()
///     .route("/order", post(order))
///     .layer(CsrfLayer::new().trust("https://admin.example.com")?)
///     .layer(SessionLayer::new(MemoryStore::new()));
/// # Ok::<_, session::csrf::InvalidOrigin>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CsrfLayer {
    pub(super) check: OriginCheck,
}

impl CsrfLayer {
    /// Creates a layer that only lets pages of the request's own origin send unsafe requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets pages of another origin send requests too, for example `https://admin.example.com`.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] if it is not the scheme `http` or `https` with a host and, where it is not the default, a port.
    pub fn trust(mut self, origin: &str) -> Result<Self, InvalidOrigin> {
        self.check.trust(origin)?;
        Ok(self)
    }
}

impl<S> Layer<S> for CsrfLayer {
    type Service = CsrfService<S>;

    fn layer(&self, inner: S) -> CsrfService<S> {
        CsrfService { inner, check: Arc::new(self.check.clone()) }
    }
}

/// A service behind a [`CsrfLayer`].
#[derive(Clone, Debug)]
pub struct CsrfService<S> {
    inner: S,
    check: Arc<OriginCheck>,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for CsrfService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> ResponseFuture<S::Future> {
        let stage = match self.check.check(request.method(), request.headers(), request.uri()) {
            Ok(()) => Stage::Passed { response: self.inner.call(request) },
            Err(refusal) => Stage::Refused { refusal },
        };
        ResponseFuture { stage }
    }
}

pin_project! {
    /// The future of [`CsrfService`].
    pub struct ResponseFuture<F> {
        #[pin]
        stage: Stage<F>,
    }
}

pin_project! {
    #[project = At]
    enum Stage<F> {
        Passed { #[pin] response: F },
        Refused { refusal: CsrfRefusal },
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().stage.project() {
            At::Passed { response } => response.poll(cx),
            At::Refused { refusal } => {
                let mut response = Response::new(ResBody::default());
                *response.status_mut() = refusal.status();
                response.extensions_mut().insert(*refusal);
                Poll::Ready(Ok(response))
            }
        }
    }
}
