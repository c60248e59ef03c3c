//! The layer and its service.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use session_core::Store;
use tower_layer::Layer;
use tower_service::Service;

use super::future::ResponseFuture;
use super::request::{request_info, session_of};
use crate::builder::{Build, Builder, EngineParts};
use crate::config_error::ConfigError;
use crate::databag::Databag;
use crate::description::Description;
use crate::engine::Engine;
use crate::error::SessionRejection;
use crate::http::Exchange;
use crate::manager::SessionManager;
use crate::session::Session;

/// Gives every request of a router or service its session.
///
/// Nothing is read from the store before a handler extracts its [`Session`], and nothing is written unless data
/// changed. The extractor chooses the databag; a request may extract several, which share one session.
///
/// ```
/// use session::{Databag, MemoryStore, SessionLayer};
/// use std::time::Duration;
///
/// let layer = SessionLayer::builder(MemoryStore::new())
///     .idle_timeout(Duration::from_secs(20 * 60))
///     .plain_http()
///     .build()?;
/// # Ok::<_, session::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct SessionLayer {
    pub(crate) engine: Arc<Engine>,
}

impl SessionLayer {
    /// Creates a layer with the defaults of [`Builder`].
    ///
    /// # Panics
    ///
    /// Never: the defaults do not contradict each other.
    pub fn new(store: impl Store) -> Self {
        Self::builder(store).build_defaults()
    }

    /// Returns a builder for a layer with other settings.
    pub fn builder(store: impl Store) -> Builder<Self> {
        Builder::new(store)
    }

    /// Returns the effective settings, like [`SessionManager::describe`].
    pub fn describe(&self) -> Description {
        self.engine.describe()
    }
}

impl Build for SessionLayer {
    fn assemble(EngineParts(engine): EngineParts) -> Result<Self, ConfigError> {
        Ok(Self { engine: Arc::new(engine) })
    }
}

impl<T: Databag> SessionManager<T> {
    /// Returns a layer that shares this manager's store, settings and listeners.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession { username: String }
    /// let manager = SessionManager::<UserSession>::new(MemoryStore::new());
    /// let layer = manager.layer();
    /// ```
    pub fn layer(&self) -> SessionLayer {
        SessionLayer { engine: Arc::clone(&self.engine) }
    }
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("store", &self.engine.store.name()).finish_non_exhaustive()
    }
}

/// A manager can be used as the layer that [`layer`](SessionManager::layer) returns: `.layer(manager)`.
impl<S, T: Databag> Layer<S> for SessionManager<T> {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService { inner, engine: Arc::clone(&self.engine) }
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService { inner, engine: Arc::clone(&self.engine) }
    }
}

/// A service whose requests have sessions; created by [`SessionLayer`].
#[derive(Clone)]
pub struct SessionService<S> {
    inner: S,
    engine: Arc<Engine>,
}

impl<S: fmt::Debug> fmt::Debug for SessionService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for SessionService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> ResponseFuture<S::Future> {
        let exchange = Exchange::new(Arc::clone(&self.engine));
        if exchange.is_eager() {
            exchange.read(&request_info(&request));
        }
        request.extensions_mut().insert(exchange.clone());
        ResponseFuture::new(self.inner.call(request), exchange)
    }
}

impl<T: Databag> Session<T> {
    /// Returns the session of a request that passed through a [`SessionLayer`], loaded on first use.
    ///
    /// For plain tower services and middleware; in axum the session is an argument of the handler.
    ///
    /// # Errors
    ///
    /// A [`SessionRejection`] with the reason and the status for the response.
    pub fn of_request<B>(
        request: &Request<B>,
    ) -> impl Future<Output = Result<Self, SessionRejection>> + Send + use<T, B> {
        session_of(&request_info(request), request.extensions())
    }
}
