//! The middleware and its service.

use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpMessage as _};
use session_core::Store;

use super::future::ResponseFuture;
use super::request::read;
use crate::builder::{Build, Builder, EngineParts};
use crate::config_error::ConfigError;
use crate::databag::Databag;
use crate::description::Description;
use crate::engine::Engine;
use crate::http::Exchange;
use crate::manager::SessionManager;
#[cfg(feature = "tower")]
use crate::tower::SessionLayer;

/// Gives every request of an actix-web application or scope its session.
///
/// Nothing is read from the store before a handler extracts its [`Session`](crate::Session), and nothing is written unless
/// data changed. The extractor chooses the databag; a request may extract several, which share one session.
///
/// Create it once, outside of the function that each worker of a `HttpServer` calls for its `App`: clones share one store.
///
/// ```no_run
/// use actix_web::{App, HttpServer, web};
/// use session::{Databag, MemoryStore, Session, SessionMiddleware};
///
/// #[derive(Databag)]
/// struct Visit {
///     pages: u32,
/// }
///
/// async fn count(session: Session<Visit>) -> String {
///     session.data.update_pages(|pages| *pages += 1);
///     format!("{} pages", session.data.pages())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = SessionMiddleware::builder(MemoryStore::new()).plain_http().build()?;
/// let app = move || App::new().route("/", web::get().to(count)).wrap(sessions.clone());
/// HttpServer::new(app).bind("127.0.0.1:3000")?.run().await?;
/// # Ok(())
/// # }
/// ```
///
/// The [guide](crate::guide::frameworks) says in which order middleware runs, and what becomes of errors.
#[derive(Clone)]
pub struct SessionMiddleware {
    engine: Arc<Engine>,
}

impl SessionMiddleware {
    /// Creates middleware with the defaults of [`Builder`].
    ///
    /// # Panics
    ///
    /// Never: the defaults do not contradict each other.
    pub fn new(store: impl Store) -> Self {
        Self::builder(store).build_defaults()
    }

    /// Returns a builder for middleware with other settings.
    pub fn builder(store: impl Store) -> Builder<Self> {
        Builder::new(store)
    }

    /// Returns the effective settings, like [`SessionManager::describe`].
    pub fn describe(&self) -> Description {
        self.engine.describe()
    }
}

impl Build for SessionMiddleware {
    fn assemble(EngineParts(engine): EngineParts) -> Result<Self, ConfigError> {
        Ok(Self { engine: Arc::new(engine) })
    }
}

impl<T: Databag> SessionManager<T> {
    /// Returns middleware for actix-web that shares this manager's store, settings and listeners.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession { username: String }
    /// let manager = SessionManager::<UserSession>::new(MemoryStore::new());
    /// let app = actix_web::App::new().wrap(manager.middleware());
    /// ```
    pub fn middleware(&self) -> SessionMiddleware {
        SessionMiddleware { engine: Arc::clone(&self.engine) }
    }
}

/// Middleware that shares a layer's store, settings and listeners, for programs that serve both frameworks.
#[cfg(feature = "tower")]
impl From<SessionLayer> for SessionMiddleware {
    fn from(layer: SessionLayer) -> Self {
        Self { engine: layer.engine }
    }
}

impl fmt::Debug for SessionMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionMiddleware").field("store", &self.engine.store.name()).finish_non_exhaustive()
    }
}

impl<S, B> Transform<S, ServiceRequest> for SessionMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(SessionMiddlewareService { inner, engine: Arc::clone(&self.engine) }))
    }
}

/// A manager can be used as the middleware that [`middleware`](SessionManager::middleware) returns: `.wrap(manager)`.
impl<S, B, T: Databag> Transform<S, ServiceRequest> for SessionManager<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        self.middleware().new_transform(inner)
    }
}

/// A service whose requests have sessions; created by [`SessionMiddleware`].
pub struct SessionMiddlewareService<S> {
    inner: S,
    engine: Arc<Engine>,
}

impl<S: fmt::Debug> fmt::Debug for SessionMiddlewareService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionMiddlewareService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, B> Service<ServiceRequest> for SessionMiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, B>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let exchange = Exchange::new(Arc::clone(&self.engine));
        if exchange.is_eager() {
            read(&exchange, request.request());
        }
        request.extensions_mut().insert(exchange.clone());
        ResponseFuture::new(self.inner.call(request), exchange)
    }
}
