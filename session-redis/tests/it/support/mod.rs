//! Shared helpers.

mod fake;
mod load;
mod proxy;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use session_core::{Change, HandleId, Meta, Patch, Record, Store, Timestamp, Token};
use session_redis::{RedisStore, RedisStoreBuilder, Server};
use sha2::{Digest as _, Sha256};

pub(crate) use fake::fake_server;
pub(crate) use load::under_load;
pub(crate) use proxy::{Proxy, UNLIMITED};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A store with a unique prefix.
pub(crate) fn store(server: impl Into<Server>) -> RedisStore {
    store_with(server, |builder| builder)
}

/// A store with a unique prefix and custom settings.
pub(crate) fn store_with(
    server: impl Into<Server>,
    set: impl FnOnce(RedisStoreBuilder) -> RedisStoreBuilder,
) -> RedisStore {
    static STORES: AtomicU32 = AtomicU32::new(0);
    let number = STORES.fetch_add(1, Ordering::Relaxed);
    set(builder(server).prefix(format!("test{number}"))).build().unwrap()
}

/// A builder with timeouts that suffice on a busy machine.
pub(crate) fn builder(server: impl Into<Server>) -> RedisStoreBuilder {
    RedisStore::builder(server).response_timeout(MINUTE).connect_timeout(MINUTE)
}

/// 64 random bytes for each number, different in each run.
pub(crate) fn random_key(number: u8) -> [u8; 64] {
    static SECRET: LazyLock<HandleId> = LazyLock::new(|| HandleId::random().unwrap());
    let half =
        |half: u8| Sha256::new().chain_update(SECRET.as_bytes()).chain_update([number, half]).finalize();
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&half(0));
    bytes[32..].copy_from_slice(&half(1));
    bytes
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}

/// A record with an idle timeout of half an hour, a lifetime of a day, and a name.
pub(crate) fn record() -> Record {
    let now = now();
    let meta = Meta {
        id: HandleId::random().unwrap(),
        created_at: now,
        authenticated_at: None,
        idle_deadline: now.after(30 * MINUTE),
        idle_timeout: 30 * MINUTE,
        lifetime_deadline: now.after(24 * 60 * MINUTE),
        remember: false,
    };
    Record::new(&meta, [("name", b"\x01lovelace".as_slice())])
}

/// The value of an indexed field.
pub(crate) fn indexed(text: &str) -> Vec<u8> {
    [b"\x41", text.as_bytes()].concat()
}

/// A record of this user, as an indexed value.
pub(crate) fn of_user(user: &str) -> Record {
    let record = record();
    let value = indexed(user);
    Record::new(&record.meta(), record.fields().chain([("user", value.as_slice())]))
}

/// Adds one to the counter `visits`.
pub(crate) fn count_one() -> Patch {
    Patch::new().with("visits", Change::Add { by: 1, min: 0, max: i64::MAX, keep: false })
}

/// The counter `visits` of a session.
pub(crate) async fn visits(store: &RedisStore, token: &Token) -> u64 {
    let record = eventually(async || store.load(token, now()).await.ok()).await.expect("the session is gone");
    record.get("visits").map_or(0, |value| str::from_utf8(&value[1..]).unwrap().parse().unwrap())
}

/// Polls until there is a value, for two minutes at most.
pub(crate) async fn eventually<T>(poll: impl AsyncFn() -> Option<T>) -> T {
    let value = async {
        loop {
            if let Some(value) = poll().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(2 * MINUTE, value).await.expect("no value for two minutes")
}
