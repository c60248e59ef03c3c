//! A site on a counting store and a manual clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use session::{Build, Builder, ManualClock, MemoryStore, SessionLayer, SessionManager, Store, Timestamp};
use tower::ServiceExt as _;

use super::handler::{Arguments, Handler};
use super::{Bag, Browser, Reply, Session, SpyStore, Verb, respond};

/// The start of every test's clock: 2026-01-01.
pub(crate) const T0: Timestamp = Timestamp::from_millis(1_767_225_600_000);

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A site, with an idle timeout of 1800 s by default.
pub(crate) struct Site<S = MemoryStore> {
    pub(crate) layer: SessionLayer,
    pub(crate) store: SpyStore<S>,
    pub(crate) clock: ManualClock,
    /// The start of the clock.
    pub(crate) start: Timestamp,
    pub(crate) errors: Log,
    pub(crate) warnings: Log,
    pub(crate) gone: Log,
    /// The server of the store, kept alive until the site is dropped.
    #[cfg(feature = "redis")]
    pub(crate) host: Option<Arc<test_support::RedisServer>>,
}

/// The calls of a hook, one line each: a message and its sources, joined by `: `.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    pub(crate) fn push_error(&self, error: &(dyn std::error::Error + 'static)) {
        let chain = std::iter::successors(Some(error), |error| error.source());
        let messages: Vec<_> = chain.map(ToString::to_string).collect();
        self.push(messages.join(": "));
    }

    /// Takes the lines since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// Creates a site with custom settings.
    pub(crate) fn with(configure: impl FnOnce(Builder<SessionLayer>) -> Builder<SessionLayer>) -> Self {
        Self::on(SpyStore::default(), configure)
    }

    /// Creates a manager, and a site that shares its store and settings.
    pub(crate) fn managed(
        configure: impl FnOnce(Builder<SessionManager<Bag>>) -> Builder<SessionManager<Bag>>,
    ) -> (SessionManager<Bag>, Self) {
        Self::managed_on(SpyStore::default(), configure)
    }
}

impl<S: Store> Site<S> {
    pub(crate) fn on(
        store: SpyStore<S>,
        configure: impl FnOnce(Builder<SessionLayer>) -> Builder<SessionLayer>,
    ) -> Self {
        Self::build(SessionLayer::builder(store.clone()), store, configure, SessionLayer::clone).1
    }

    pub(crate) fn managed_on(
        store: SpyStore<S>,
        configure: impl FnOnce(Builder<SessionManager<Bag>>) -> Builder<SessionManager<Bag>>,
    ) -> (SessionManager<Bag>, Self) {
        Self::build(SessionManager::builder(store.clone()), store, configure, SessionManager::layer)
    }

    pub(crate) fn build<Target: Build>(
        builder: Builder<Target>,
        store: SpyStore<S>,
        configure: impl FnOnce(Builder<Target>) -> Builder<Target>,
        layer: impl FnOnce(&Target) -> SessionLayer,
    ) -> (Target, Self) {
        Self::build_at(T0, builder, store, configure, layer)
    }

    /// The same, on a clock with another start.
    pub(crate) fn build_at<Target: Build>(
        start: Timestamp,
        builder: Builder<Target>,
        store: SpyStore<S>,
        configure: impl FnOnce(Builder<Target>) -> Builder<Target>,
        layer: impl FnOnce(&Target) -> SessionLayer,
    ) -> (Target, Self) {
        let clock = ManualClock::starting_at(start);
        let (errors, warnings, gone) = (Log::default(), Log::default(), Log::default());
        let builder = builder
            .clock(&clock)
            .idle_timeout(seconds(1800))
            .on_error({
                let errors = errors.clone();
                move |error| errors.push_error(error)
            })
            .on_warning({
                let warnings = warnings.clone();
                move |warning| warnings.push_error(warning)
            })
            .on_gone({
                let gone = gone.clone();
                move |id| gone.push(id.to_string())
            });
        let target = configure(builder).build().unwrap();
        let layer = layer(&target);
        let site = Self {
            layer,
            store,
            clock,
            start,
            errors,
            warnings,
            gone,
            #[cfg(feature = "redis")]
            host: None,
        };
        (target, site)
    }

    /// Returns a visitor whose session holds this name.
    pub(crate) async fn visitor(&self, name: &'static str) -> Browser {
        let mut browser = Browser::new();
        self.visit(&mut browser, move |session: Session| async move { session.data.set_name(name) }).await;
        assert_eq!(self.calls(), [Verb::Create]);
        browser
    }

    /// Returns the name in a visitor's session: `nobody` without one.
    pub(crate) async fn name_of(&self, browser: &Browser) -> String {
        self.visit_as(browser, |session: Session| async move { session.data.name() }).await.body
    }

    /// Sends one request to a handler behind the layer, and stores the reply's cookies in the browser's jar.
    ///
    /// ```ignore
    /// let reply = site.visit(&mut browser, |session: Session<Bag>| async move { session.data.name() }).await;
    /// ```
    pub(crate) async fn visit<Args: Arguments>(
        &self,
        browser: &mut Browser,
        handler: impl Handler<Args>,
    ) -> Reply {
        let reply = self.visit_as(browser, handler).await;
        browser.take_cookies(&reply);
        reply
    }

    /// Sends one request without updating the browser's jar, for concurrent requests.
    pub(crate) async fn visit_as<Args: Arguments>(
        &self,
        browser: &Browser,
        handler: impl Handler<Args>,
    ) -> Reply {
        Reply::read(self.respond(browser.request(), handler).await).await
    }

    /// Sends one request to a handler, and returns the response when its head is ready. The future is independent of the
    /// site, for requests of other tasks.
    pub(crate) fn respond<Args: Arguments, H: Handler<Args>>(
        &self,
        request: Request,
        handler: H,
    ) -> impl Future<Output = Response> + Send + use<Args, H, S> {
        respond(Some(self.layer.clone()), request, handler)
    }

    /// Sends one request to an axum router, to which the layer is added.
    pub(crate) async fn serve(&self, browser: &Browser, router: Router) -> Reply {
        let service = router.layer(self.layer.clone());
        Reply::read(service.oneshot(browser.request()).await.unwrap()).await
    }

    /// Sets the clock to this many seconds after its start.
    pub(crate) fn at(&self, seconds_after: u64) {
        let target = self.start.after(seconds(seconds_after));
        self.clock.advance(target.since(self.clock.now()));
        assert_eq!(self.clock.now(), target, "clocks only go forward");
    }

    /// Takes the calls of the store since the last time.
    pub(crate) fn calls(&self) -> Vec<Verb> {
        self.store.take_calls()
    }
}
