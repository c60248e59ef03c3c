//! Sites whose sessions are in Redis.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use session::{RedisStore, SessionLayer, Timestamp};
use test_support::RedisServer;

use super::{Site, SpyStore};

/// The server that all sites share. It runs as long as there is one.
static SERVER: Mutex<Weak<RedisServer>> = Mutex::new(Weak::new());

/// A site whose sessions no other site sees. Its clock starts in the present, which servers know for themselves.
pub(crate) fn on_redis() -> Site<RedisStore> {
    static SITES: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let patient = Duration::from_secs(30);
    let store = RedisStore::builder(server.url())
        .prefix(format!("site{}", SITES.fetch_add(1, Ordering::Relaxed)))
        .connect_timeout(patient)
        .response_timeout(patient)
        .build()
        .unwrap();
    let store = SpyStore::over(store);
    let (builder, now) =
        (SessionLayer::builder(store.clone()), Timestamp::from(std::time::SystemTime::now()));
    let (_, mut site) = Site::build_at(now, builder, store, |builder| builder, SessionLayer::clone);
    site.host = Some(server);
    site
}

fn server() -> Arc<RedisServer> {
    let mut shared = SERVER.lock().unwrap();
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(RedisServer::start());
        *shared = Arc::downgrade(&server);
        server
    })
}
