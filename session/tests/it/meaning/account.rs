//! A databag with a field of each meaning, and requests of visitors who have one.

use axum::response::IntoResponse;
use session::{Databag, SessionManager, Store};

use crate::support::{Browser, Open, Reply, Site, SpyStore, Verb};

/// The session that the tests' handlers get.
pub(super) type Session = session::Session<Account>;

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

/// A manager, and a site that shares everything with it.
pub(super) fn managed() -> (SessionManager<Account>, Site) {
    managed_on(SpyStore::default())
}

pub(super) fn managed_on<S: Store>(store: SpyStore<S>) -> (SessionManager<Account>, Site<S>) {
    Site::build(SessionManager::builder(store.clone()), store, |builder| builder, SessionManager::layer)
}

impl<S: Store> Site<S> {
    /// A browser with a session that holds what `fill` put into it, and a store that has counted nothing yet.
    pub(super) async fn account(&self, fill: fn(&Session)) -> Browser {
        let mut browser = Browser::new();
        self.ask(&mut browser, fill).await.set_cookie();
        assert_eq!(self.calls(), [Verb::Create]);
        browser
    }

    /// Sends one request whose handler does `act` and answers with what that returns.
    pub(super) async fn ask<R: IntoResponse>(
        &self,
        browser: &mut Browser,
        act: impl FnOnce(&Session) -> R + Clone + Send + Sync + 'static,
    ) -> Reply {
        self.visit(browser, |session: Session| async move { act(&session) }).await
    }

    /// Two requests of one session, both loaded, neither committed.
    pub(super) async fn ask_two(&self, browser: &Browser) -> [Open<Account>; 2] {
        let two = [self.open_as(browser).await, self.open_as(browser).await];
        assert_eq!(self.calls(), [Verb::Load, Verb::Load]);
        two
    }

    /// The names of the fields that the store holds under the token in the browser's jar.
    pub(super) async fn fields(&self, browser: &Browser) -> Vec<String> {
        let record = self.stored(browser).await.unwrap();
        record.fields().map(|(name, _)| name.to_owned()).collect()
    }
}
