//! A databag with a field for each attribute, and requests with it.

use axum::response::IntoResponse;
use session::{Builder, Databag, SessionManager, Store};

#[cfg(feature = "redis")]
use crate::support::build_on_redis;
#[cfg(feature = "sqlite")]
use crate::support::build_on_sqlite;
use crate::support::{Browser, Open, Reply, Site, SpyStore, Verb};

/// The session type of the handlers.
pub(super) type Session = session::Session<Account>;

type Managed = Builder<SessionManager<Account>>;

#[derive(Databag)]
pub(super) struct Account {
    #[databag(principal)]
    pub(super) user: Option<String>,
    #[databag(index)]
    device: Option<String>,
    #[databag(flash)]
    notice: Option<String>,
    #[databag(counter, label)]
    visits: i8,
    #[databag(cas, label)]
    step: u8,
    #[databag(ttl = "10m", label)]
    code: Option<String>,
    #[databag(keep)]
    theme: String,
    csrf: Option<String>,
    cart: Vec<String>,
}

/// Creates a manager, and a site that shares its store and settings.
pub(super) fn managed() -> (SessionManager<Account>, Site) {
    managed_with(|builder| builder)
}

/// The same, with custom settings.
pub(super) fn managed_with(configure: impl FnOnce(Managed) -> Managed) -> (SessionManager<Account>, Site) {
    let store = SpyStore::default();
    Site::build(SessionManager::builder(store.clone()), store, configure, SessionManager::layer)
}

/// The same, with the sessions in Redis.
#[cfg(feature = "redis")]
pub(super) fn managed_on_redis(
    configure: impl FnOnce(Managed) -> Managed,
) -> (SessionManager<Account>, Site<session::RedisStore>) {
    build_on_redis(SessionManager::builder, configure, SessionManager::layer)
}

/// The same, with the sessions in SQLite.
#[cfg(feature = "sqlite")]
pub(super) fn managed_on_sqlite(
    configure: impl FnOnce(Managed) -> Managed,
) -> (SessionManager<Account>, Site<session::SqlStore>) {
    build_on_sqlite(SessionManager::builder, configure, SessionManager::layer)
}

pub(super) fn managed_on<S: Store>(store: SpyStore<S>) -> (SessionManager<Account>, Site<S>) {
    Site::build(SessionManager::builder(store.clone()), store, |builder| builder, SessionManager::layer)
}

impl<S: Store> Site<S> {
    /// Returns a browser with a session filled by `fill`, and resets the counts of the store.
    pub(super) async fn account(&self, fill: fn(&Session)) -> Browser {
        let mut browser = Browser::new();
        self.request(&mut browser, fill).await.set_cookie();
        assert_eq!(self.calls(), [Verb::Create]);
        browser
    }

    /// Sends one request whose handler runs `act` and responds with its result.
    pub(super) async fn request<R: IntoResponse>(
        &self,
        browser: &mut Browser,
        act: impl FnOnce(&Session) -> R + Clone + Send + Sync + 'static,
    ) -> Reply {
        self.visit(browser, |session: Session| async move { act(&session) }).await
    }

    /// Returns two requests of one session, both loaded, neither committed.
    pub(super) async fn open_twice(&self, browser: &Browser) -> [Open<Account>; 2] {
        let two = [self.open_as(browser).await, self.open_as(browser).await];
        assert_eq!(self.calls(), [Verb::Load, Verb::Load]);
        two
    }

    /// Returns the names of the stored fields of the session in the browser's jar.
    pub(super) async fn fields(&self, browser: &Browser) -> Vec<String> {
        let record = self.stored(browser).await.unwrap();
        record.fields().map(|(name, _)| name.to_owned()).collect()
    }
}
