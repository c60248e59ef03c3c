//! Storage backends, one of each kind.

use std::sync::Arc;
use std::time::SystemTime;

use session::store::DynStore;
use session::{Databag, MemoryStore, SessionLayer, SessionManager, Timestamp, Token};

use super::Read;
use crate::support::{Log, Site, SpyStore};

/// A storage backend. Each version of an application opens a store on it.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    /// Whether sessions are found by their principal.
    pub(crate) finds_by_principal: bool,
    open: Box<dyn Fn() -> Arc<dyn DynStore>>,
}

/// Returns a new backend of each kind.
pub(crate) fn backends() -> Vec<Backend> {
    vec![
        memory(),
        #[cfg(feature = "cookie")]
        sealed::stateless(),
        #[cfg(feature = "cookie")]
        sealed::revocable(),
        #[cfg(feature = "redis")]
        redis::plain(),
        #[cfg(feature = "redis-seal")]
        redis::sealed(),
        #[cfg(feature = "sqlite")]
        sqlite(),
        #[cfg(all(feature = "sqlite", feature = "sql-seal"))]
        sealed_sqlite(),
    ]
}

/// Returns the backends without the size limit of a cookie.
pub(crate) fn server_backends() -> impl Iterator<Item = Backend> {
    backends().into_iter().filter(|backend| backend.finds_by_principal)
}

fn memory() -> Backend {
    let store: Arc<dyn DynStore> = Arc::new(MemoryStore::new());
    Backend { name: "memory", finds_by_principal: true, open: Box::new(move || Arc::clone(&store)) }
}

#[cfg(feature = "sqlite")]
fn sqlite() -> Backend {
    let store: Arc<dyn DynStore> = Arc::new(crate::support::sqlite_store());
    Backend { name: "SQLite", finds_by_principal: true, open: Box::new(move || Arc::clone(&store)) }
}

#[cfg(all(feature = "sqlite", feature = "sql-seal"))]
fn sealed_sqlite() -> Backend {
    use session::{HandleId, SealKey};

    let secret = [(); 4].map(|()| *HandleId::random().unwrap().as_bytes()).concat();
    let key = SealKey::from_bytes(secret.as_slice().try_into().unwrap()).unwrap();
    let store: Arc<dyn DynStore> = Arc::new(crate::support::sqlite_store().seal(key, []));
    Backend { name: "SQLite, sealed", finds_by_principal: true, open: Box::new(move || Arc::clone(&store)) }
}

#[cfg(feature = "cookie")]
mod sealed {
    use std::sync::Arc;

    use session::cookie::CookieStoreBuilder;
    use session::store::MemoryRevocations;
    use session::{CookieStore, HandleId, Key};

    use super::Backend;

    pub(super) fn stateless() -> Backend {
        let builder = builder();
        Backend {
            name: "cookie",
            finds_by_principal: false,
            open: Box::new(move || Arc::new(builder().stateless().unwrap())),
        }
    }

    pub(super) fn revocable() -> Backend {
        let (builder, list) = (builder(), Arc::new(MemoryRevocations::new()));
        Backend {
            name: "revocable cookie",
            finds_by_principal: false,
            open: Box::new(move || Arc::new(builder().revocable(Arc::clone(&list)).unwrap())),
        }
    }

    /// Builders of stores that share a random key.
    fn builder() -> impl Fn() -> CookieStoreBuilder {
        let secret = [(); 2].map(|()| *HandleId::random().unwrap().as_bytes()).concat();
        move || CookieStore::builder(Key::derive(&secret, "deploy").unwrap(), "shop").accept_lost_updates()
    }
}

#[cfg(feature = "redis")]
mod redis {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use session::RedisStore;
    use session::redis::RedisStoreBuilder;

    use super::Backend;
    use crate::support::redis_server;

    pub(super) fn plain() -> Backend {
        on_redis("Redis", |builder| builder)
    }

    #[cfg(feature = "redis-seal")]
    pub(super) fn sealed() -> Backend {
        use session::HandleId;
        use session::redis::SealKey;

        let secret = [(); 4].map(|()| *HandleId::random().unwrap().as_bytes()).concat();
        let key = move || SealKey::from_bytes(secret.as_slice().try_into().unwrap()).unwrap();
        on_redis("Redis, sealed", move |builder| builder.seal(key(), []))
    }

    fn on_redis(
        name: &'static str,
        configure: impl Fn(RedisStoreBuilder) -> RedisStoreBuilder + 'static,
    ) -> Backend {
        static NEXT_PREFIX: AtomicU32 = AtomicU32::new(0);
        let server = redis_server();
        let prefix = format!("backend{}", NEXT_PREFIX.fetch_add(1, Ordering::Relaxed));
        let patient = Duration::from_secs(30);
        let open = move || {
            let builder = RedisStore::builder(server.url())
                .prefix(&prefix)
                .connect_timeout(patient)
                .response_timeout(patient);
            Arc::new(configure(builder).build().unwrap()) as _
        };
        Backend { name, finds_by_principal: true, open: Box::new(open) }
    }
}

impl Backend {
    /// Opens a store on the backend.
    pub(crate) fn store(&self) -> Arc<dyn DynStore> {
        (self.open)()
    }

    /// Opens a site on the backend, with a clock that does not advance.
    pub(crate) fn site(&self) -> Site<Arc<dyn DynStore>> {
        let store = SpyStore::over(self.store());
        let now = Timestamp::from(SystemTime::now());
        Site::build_at(
            now,
            SessionLayer::builder(store.clone()),
            store,
            |builder| builder,
            SessionLayer::clone,
        )
        .1
    }

    /// Opens a version of an application, with its warnings.
    pub(crate) fn version<T: Databag>(&self) -> (SessionManager<T>, Log) {
        let warnings = Log::default();
        let log = warnings.clone();
        let manager = SessionManager::builder(self.store())
            .on_warning(move |warning| log.push_error(warning))
            .build()
            .unwrap();
        (manager, warnings)
    }

    /// Stores a session with one version.
    pub(crate) async fn write<T: Databag>(&self, write: impl FnOnce(&T::Accessors)) -> Token {
        let session = self.version::<T>().0.create().await.unwrap();
        write(&session.data);
        session.save().await.unwrap();
        session.token().unwrap()
    }

    /// Changes a stored session with a version.
    pub(crate) async fn change<T: Databag>(&self, token: &Token, write: impl FnOnce(&T::Accessors)) -> Token {
        let session = self.version::<T>().0.get(token).await.unwrap();
        write(&session.data);
        session.save().await.unwrap();
        session.token().unwrap()
    }

    /// Returns what a version reads from a stored session, and its warnings.
    pub(crate) async fn read<T: Databag, R>(
        &self,
        token: &Token,
        read: impl FnOnce(&T::Accessors) -> R,
    ) -> Read<R> {
        let (manager, warnings) = self.version::<T>();
        let shown = read(&manager.get(token).await.unwrap().data);
        (shown, warnings.take())
    }
}
