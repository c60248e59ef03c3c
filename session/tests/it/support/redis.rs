//! Sites whose sessions are in Redis.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use session::{Build, Builder, RedisStore, SessionLayer, Timestamp};
use test_support::RedisServer;

use super::{Site, SpyStore};

/// The server that all sites share. It runs as long as there is one.
static SERVER: Mutex<Weak<RedisServer>> = Mutex::new(Weak::new());

/// Creates a site with isolated sessions. Its clock starts at the current time, since servers use their own clocks.
pub(crate) fn on_redis() -> Site<RedisStore> {
    build_on_redis(SessionLayer::builder, |builder| builder, SessionLayer::clone).1
}

/// The same with custom settings, and the manager or layer built with them.
pub(crate) fn build_on_redis<Target: Build>(
    builder: impl FnOnce(SpyStore<RedisStore>) -> Builder<Target>,
    configure: impl FnOnce(Builder<Target>) -> Builder<Target>,
    layer: impl FnOnce(&Target) -> SessionLayer,
) -> (Target, Site<RedisStore>) {
    static SITES: AtomicU32 = AtomicU32::new(0);
    let server = redis_server();
    let patient = Duration::from_secs(30);
    let store = RedisStore::builder(server.url())
        .prefix(format!("site{}", SITES.fetch_add(1, Ordering::Relaxed)))
        .connect_timeout(patient)
        .response_timeout(patient)
        .build()
        .unwrap();
    let store = SpyStore::over(store);
    let now = Timestamp::from(std::time::SystemTime::now());
    let (target, mut site) = Site::build_at(now, builder(store.clone()), store, configure, layer);
    site.host = Some(server);
    (target, site)
}

/// Returns the server that all tests share.
pub(crate) fn redis_server() -> Arc<RedisServer> {
    let mut shared = SERVER.lock().unwrap();
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(RedisServer::start());
        *shared = Arc::downgrade(&server);
        server
    })
}
