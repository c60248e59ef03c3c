//! What several tests use.

use std::sync::atomic::{AtomicU32, Ordering};

use session_redis::{RedisStore, Server};

/// A store with a prefix of its own.
pub(crate) fn store(server: impl Into<Server>) -> RedisStore {
    static STORES: AtomicU32 = AtomicU32::new(0);
    let number = STORES.fetch_add(1, Ordering::Relaxed);
    RedisStore::builder(server).prefix(format!("test{number}")).build().unwrap()
}
