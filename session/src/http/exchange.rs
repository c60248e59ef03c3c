//! One request and its response, in any framework.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use http::StatusCode;
use session_core::BoxFuture;

#[cfg(feature = "adopt")]
use super::adopt::Adopted;
use super::commit_result::CommitResult;
use super::presented::Presented;
use super::request_info::RequestInfo;
use crate::databag::Databag;
use crate::engine::Engine;
#[cfg(feature = "adopt")]
use crate::engine::Seen;
use crate::error::{Error, SessionRejection};
use crate::events::Event;
use crate::manager::SessionManager;
use crate::session::Session;
use crate::settings::Touch;
use crate::shared::{CommitLock, Shared};
use crate::state::Response;

/// One request and its response: provides the session, commits it once, and writes its cookie.
///
/// An adapter for a web framework creates one for each request, and obtains sessions by [`session`](Exchange::session). It
/// calls the handler through [`run`](Exchange::run), or [`finish`](Exchange::finish) when the handler is done. All clones are one
/// exchange, so that it can be put into the request's extensions. `SessionLayer` and `SessionMiddleware` are made of it.
///
/// ```
/// # use session::{Databag, MemoryStore, RequestInfo, SessionManager};
/// # #[derive(Databag)]
/// # struct Visit { pages: u32 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let request = http::Request::new(());
/// let manager = SessionManager::<Visit>::builder(MemoryStore::new()).plain_http().build()?;
/// let exchange = manager.exchange(&RequestInfo::new(request.headers(), request.uri()));
///
/// // The handler.
/// let session = exchange.session::<Visit>().await?;
/// session.data.update_pages(|pages| *pages += 1);
/// let mut response = http::Response::new("hello");
///
/// // The response.
/// let committed = exchange.finish(Some(response.status())).await;
/// if let Some(status) = committed.replaces() {
///     response = http::Response::new("");
///     *response.status_mut() = status;
/// }
/// committed.write(response.headers_mut());
/// assert!(response.headers().contains_key("set-cookie"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Exchange(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    progress: Mutex<Progress>,
    /// Held while the session is loaded, which is done once.
    loading: CommitLock,
}

#[derive(Default)]
struct Progress {
    /// The tokens that the request presents, until the session takes them.
    presented: Option<Presented>,
    loaded: Option<Loaded>,
    /// Whether the response was sent.
    is_finished: bool,
}

impl Progress {
    fn is_read(&self) -> bool {
        self.presented.is_some() || self.loaded.is_some()
    }

    /// How a session that is loaded now reaches the client.
    fn response(&self) -> Response {
        if self.is_finished { Response::Sent } else { Response::Pending }
    }
}

/// The session, or the error of loading it.
type Loaded = Result<Arc<Shared>, Arc<Error>>;

impl<T: Databag> SessionManager<T> {
    /// Creates the exchange of a request, with this manager's store, settings and listeners.
    pub fn exchange(&self, request: &RequestInfo<'_>) -> Exchange {
        let exchange = Exchange::new(Arc::clone(&self.engine));
        exchange.read(request);
        exchange
    }
}

impl Exchange {
    /// Creates the exchange of a request that is [read](Exchange::read) when its session is first accessed.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        let (progress, loading) = (Mutex::default(), CommitLock::new());
        Self(Arc::new(Inner { engine, progress, loading }))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loaded(&self) -> Option<Loaded> {
        self.progress().loaded.clone()
    }

    /// Reads the tokens that the request presents, once.
    pub(crate) fn read(&self, request: &RequestInfo<'_>) {
        let mut progress = self.progress();
        if !progress.is_read() {
            let presented = self.0.engine.transport.read(request);
            #[cfg(feature = "adopt")]
            let presented = self.0.engine.read_old(presented, request);
            progress.presented = Some(presented);
        }
    }

    /// Whether the request was read, so that it need not be prepared for [`read`](Exchange::read) again.
    #[cfg(feature = "actix")]
    pub(crate) fn is_read(&self) -> bool {
        self.progress().is_read()
    }

    /// Whether the commit has no effect, whatever the response: no handler extracted the session.
    #[cfg(feature = "actix")]
    pub(crate) fn is_unused(&self) -> bool {
        !self.is_eager() && self.loaded().is_none()
    }

    /// Whether the settings require the session to be loaded even if no handler extracts it.
    pub(crate) fn is_eager(&self) -> bool {
        let engine = &self.0.engine;
        engine.transport.rolling || engine.settings.touch == Touch::EveryRequest
    }

    /// Returns the request's session with this databag, loaded on the first call.
    ///
    /// Every call returns the same session, with any databag. It stays available after the response was sent, for sockets
    /// and streams.
    ///
    /// # Errors
    ///
    /// [`SessionRejection::Unavailable`] when the session cannot be loaded,
    /// [`SessionRejection::Databag`] when the databag is incompatible with the store or with another one of this session.
    pub async fn session<T: Databag>(&self) -> Result<Session<T>, SessionRejection> {
        self.0.engine.check::<T>().map_err(|error| self.reject(error))?;
        let shared = self.load().await.map_err(SessionRejection::Unavailable)?;
        Shared::open_supported(&shared).map_err(|error| self.reject(error))
    }

    fn reject(&self, error: crate::config_error::ConfigError) -> SessionRejection {
        let rejection = SessionRejection::Databag(error);
        self.0.engine.hooks.error(&Error::Rejected(rejection.clone()));
        rejection
    }

    /// Loads the session, unless it is loaded.
    async fn load(&self) -> Loaded {
        let engine = &self.0.engine;
        let _loading = self.0.loading.lock().await;
        let tokens = match &mut *self.progress() {
            Progress { loaded: Some(loaded), .. } => return loaded.clone(),
            Progress { presented, .. } => {
                presented.as_mut().map(|it| std::mem::take(&mut it.tokens)).unwrap_or_default()
            }
        };
        let seen = engine.present();
        let (token, record) = match engine.load_presented(&tokens, seen.at).await {
            Ok(found) => found,
            Err(error) => return self.progress().loaded.insert(Err(Arc::new(error))).clone(),
        };
        #[cfg(feature = "adopt")]
        if record.is_none()
            && let Some(mut presented) = self.presents_old()
        {
            match Box::pin(engine.adopt(&mut presented, seen)).await {
                Ok(None) => {}
                Ok(Some(adopted)) => return Ok(self.adopted(&adopted, presented, seen)),
                Err(error) => return self.progress().loaded.insert(Err(Arc::new(error))).clone(),
            }
        }
        let is_found = record.is_some();
        let mut progress = self.progress();
        if let (Some(presented), Some(token), true) = (&mut progress.presented, &token, is_found) {
            engine.transport.found(presented, token);
        }
        let mut shared = Shared::new(Arc::clone(engine), token, record, seen, progress.response());
        shared.presented = progress.presented.take();
        let shared = Arc::new(shared);
        progress.loaded = Some(Ok(Arc::clone(&shared)));
        drop(progress);
        if is_found {
            shared.notify(Event::Loaded);
        }
        Ok(shared)
    }

    /// What the request presents, if that includes sessions of another library and a cookie can still be sent.
    #[cfg(feature = "adopt")]
    fn presents_old(&self) -> Option<Presented> {
        let progress = self.progress();
        let presents_old = |it: &&Presented| it.old().is_some_and(|old| !old.ids.is_empty());
        progress.presented.as_ref().filter(presents_old).filter(|_| !progress.is_finished).cloned()
    }

    #[cfg(feature = "adopt")]
    fn adopted(&self, adopted: &Adopted, presented: Presented, seen: Seen) -> Arc<Shared> {
        let mut progress = self.progress();
        progress.presented = None;
        let shared = Arc::new(adopted.open(&self.0.engine, presented, seen, progress.response()));
        progress.loaded = Some(Ok(Arc::clone(&shared)));
        drop(progress);
        adopted.notify(&shared);
        shared
    }

    /// Commits the session for a response that is ready with this status; `None` when the handler panicked.
    ///
    /// After a status of 5xx and after a panic changes are not saved, except a renewal, a destruction and the sign-out
    /// of a principal. After this call no token can be sent to the client.
    pub fn finish(&self, status: Option<StatusCode>) -> Finish {
        let nothing = |accessed| CommitResult::nothing(Arc::clone(&self.0.engine), accessed);
        Finish(if self.is_eager() && self.loaded().is_none() {
            Stage::Commit(Box::pin(self.clone().finish_unused(status)))
        } else {
            match self.close() {
                None => Stage::Settled(Some(nothing(false))),
                Some(Err(_)) => Stage::Settled(Some(nothing(true))),
                Some(Ok(session)) => match session.settle_response() {
                    Some(accessed) => Stage::Settled(Some(nothing(accessed))),
                    None => Stage::Commit(Box::pin(async move { session.commit_response(status).await })),
                },
            }
        })
    }

    /// Loads and commits the session if no handler extracted it. A failure to load it is reported and does not affect
    /// the response.
    async fn finish_unused(self, status: Option<StatusCode>) -> CommitResult {
        // The load has reported its error.
        let _ = self.load().await;
        match self.close() {
            Some(Ok(session)) => session.commit_response(status).await,
            _ => CommitResult::nothing(Arc::clone(&self.0.engine), false),
        }
    }

    /// The session, if it was extracted before the response is sent; one extracted later cannot send a token.
    fn close(&self) -> Option<Loaded> {
        let mut progress = self.progress();
        progress.is_finished = true;
        progress.loaded.clone()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("store", &self.0.engine.store.name()).finish_non_exhaustive()
    }
}

/// The future of [`Exchange::finish`].
pub struct Finish(Stage);

enum Stage {
    /// Nothing to commit; taken when polled.
    Settled(Option<CommitResult>),
    Commit(BoxFuture<'static, CommitResult>),
}

impl Future for Finish {
    type Output = CommitResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CommitResult> {
        Poll::Ready(match &mut self.0 {
            Stage::Settled(result) => result.take().expect("a future is not polled after it is ready"),
            Stage::Commit(commit) => ready!(commit.as_mut().poll(cx)),
        })
    }
}

impl fmt::Debug for Finish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finish").finish_non_exhaustive()
    }
}
