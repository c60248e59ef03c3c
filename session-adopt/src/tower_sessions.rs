//! Sessions of [tower-sessions](https://docs.rs/tower-sessions) 0.12 to 0.14, in its stores in Redis, PostgreSQL, SQLite and
//! cookies.

use cookie::Key;
use session_core::{Revocations, Timestamp};

use crate::backend::{Backend, Claims};
use crate::format::Format;
use crate::{OldCookie, OldStore};

/// Sessions of `tower_sessions_redis_store::RedisStore`.
///
/// By default the cookie is named `id` and not protected.
///
/// ```
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// let old = session_adopt::tower_sessions::redis(client).cookie_name("my_id").path("/app");
/// # Ok::<_, redis::RedisError>(())
/// ```
#[cfg(feature = "redis")]
pub fn redis(client: ::redis::Client) -> OldStore {
    OldStore::new(Format::TowerSessions, Backend::redis(client, ""), OldCookie::new("id"))
}

/// Sessions of `tower_sessions_sqlx_store::PostgresStore`, in the table `tower_sessions.session` by default; see
/// [`table`](OldStore::table). By default the cookie is named `id` and not protected.
#[cfg(feature = "postgres")]
pub fn postgres(pool: sqlx::PgPool) -> OldStore {
    let backend = Backend::postgres(pool, crate::backend::Layout::TowerSessions, "tower_sessions.session");
    OldStore::new(Format::TowerSessions, backend, OldCookie::new("id"))
}

/// Sessions of `tower_sessions_sqlx_store::SqliteStore`, in the table `tower_sessions` by default; see
/// [`table`](OldStore::table). By default the cookie is named `id` and not protected.
#[cfg(feature = "sqlite")]
pub fn sqlite(pool: sqlx::SqlitePool) -> OldStore {
    OldStore::new(Format::TowerSessions, Backend::sqlite(pool, "tower_sessions"), OldCookie::new("id"))
}

/// Sessions in encrypted cookies of `tower_sessions_cookie_store`, in a cookie named `session`.
///
/// They cannot be ended, for clients hold them. `adopted` remembers which were adopted, until `until`, after which none is: a
/// list that all processes share, such as a `RedisStore` or `SqlStore`. For ten seconds a cookie may be adopted again, by other
/// requests under way at the same time.
///
/// ```
/// # use session_adopt::Key;
/// # use session_core::{MemoryRevocations, Timestamp};
/// # let secret = [0; 64];
/// # let adopted = MemoryRevocations::new();
/// let until = Timestamp::from_millis(1_798_761_600_000); // 2027-01-01
/// let old = session_adopt::tower_sessions::private_cookies(Key::from(&secret), adopted, until);
/// ```
pub fn private_cookies(key: Key, adopted: impl Revocations, until: Timestamp) -> OldStore {
    cookies(OldCookie::new("session").private(key), adopted, until)
}

/// Sessions in signed cookies of `tower_sessions_cookie_store`; otherwise like [`private_cookies`].
pub fn signed_cookies(key: Key, adopted: impl Revocations, until: Timestamp) -> OldStore {
    cookies(OldCookie::new("session").signed(key), adopted, until)
}

fn cookies(cookie: OldCookie, adopted: impl Revocations, until: Timestamp) -> OldStore {
    OldStore::new(Format::TowerSessionsCookie, Backend::Claims(Claims::new(adopted, until)), cookie)
}
