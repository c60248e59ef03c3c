//! The events that `on_event` and `on_deleted` receive, on each store.

mod claims;
mod contained;
mod ended;
mod lifecycle;
mod limits;
mod refused;
#[cfg(feature = "cookie")]
mod refused_cookies;

use std::sync::{Arc, Mutex};

use session::{Builder, Databag, HandleId, Refusal, SessionEvent, SessionManager, Store};

#[cfg(feature = "redis")]
use crate::support::build_on_redis;
#[cfg(feature = "sqlite")]
use crate::support::build_on_sqlite;
use crate::support::{Browser, Site, SpyStore};

/// The session type of the handlers.
type Session = session::Session<Person>;

type Managed = Builder<SessionManager<Person>>;

#[derive(Databag)]
struct Person {
    #[databag(principal)]
    user: Option<String>,
    #[databag(index)]
    tenant: Option<String>,
    #[databag(default = "nobody")]
    name: String,
    #[databag(flash)]
    code: Option<String>,
}

/// The events that were reported, in order.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<SessionEvent>>>);

impl Events {
    fn listen(&self) -> impl Fn(&SessionEvent) + Send + Sync + 'static {
        let events = Arc::clone(&self.0);
        move |event| events.lock().unwrap().push(*event)
    }

    /// The events since the last time they were taken.
    fn take(&self) -> Vec<SessionEvent> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn refused(reason: Refusal) -> SessionEvent {
    SessionEvent::TokenRefused { reason }
}

/// Creates a manager with custom settings, a site that shares its store and settings, and their events.
fn recorded(configure: impl FnOnce(Managed) -> Managed) -> (SessionManager<Person>, Site, Events) {
    recorded_on(SpyStore::default(), configure)
}

fn recorded_on<S: Store>(
    store: SpyStore<S>,
    configure: impl FnOnce(Managed) -> Managed,
) -> (SessionManager<Person>, Site<S>, Events) {
    let events = Events::default();
    let listen = events.listen();
    let configure = |builder: Managed| configure(builder).on_event(listen);
    let builder = SessionManager::builder(store.clone());
    let (manager, site) = Site::build(builder, store, configure, SessionManager::layer);
    (manager, site, events)
}

#[cfg(feature = "redis")]
fn recorded_on_redis(
    configure: impl FnOnce(Managed) -> Managed,
) -> (SessionManager<Person>, Site<session::RedisStore>, Events) {
    let events = Events::default();
    let listen = events.listen();
    let configure = |builder: Managed| configure(builder).on_event(listen);
    let (manager, site) = build_on_redis(SessionManager::builder, configure, SessionManager::layer);
    (manager, site, events)
}

#[cfg(feature = "sqlite")]
fn heard_on_sqlite(
    configure: impl FnOnce(Managed) -> Managed,
) -> (SessionManager<Person>, Site<session::SqlStore>, Events) {
    let events = Events::default();
    let listen = events.listen();
    let configure = |builder: Managed| configure(builder).on_event(listen);
    let (manager, site) = build_on_sqlite(SessionManager::builder, configure, SessionManager::layer);
    (manager, site, events)
}

/// Runs a test on each store that keeps sessions on the server.
macro_rules! on_each_server {
    ($configure:expr, |$manager:pat_param, $site:pat_param, $events:pat_param| $test:block) => {{
        let ($manager, $site, $events) = super::recorded($configure);
        $test
        #[cfg(feature = "redis")]
        {
            let ($manager, $site, $events) = super::recorded_on_redis($configure);
            $test
        }
        #[cfg(feature = "sqlite")]
        {
            let ($manager, $site, $events) = super::heard_on_sqlite($configure);
            $test
        }
    }};
}
use on_each_server;

impl<S: Store> Site<S> {
    /// A browser with the session of a user, and its handle id.
    async fn signed_in(&self, user: &'static str) -> (Browser, HandleId) {
        let mut browser = Browser::new();
        self.visit(&mut browser, move |session: Session| async move { session.data.set_user(user) }).await;
        let id = self.id_of(&browser).await;
        (browser, id)
    }

    /// The handle id of the session under the browser's token.
    async fn id_of(&self, browser: &Browser) -> HandleId {
        self.stored(browser).await.unwrap().meta().id
    }
}
