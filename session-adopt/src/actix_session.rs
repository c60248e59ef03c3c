//! Sessions of [actix-session](https://docs.rs/actix-session) 0.7 to 0.11, in its stores in Redis and cookies.

use cookie::Key;
use session_core::{Revocations, Timestamp};

use crate::backend::{Backend, Claims};
use crate::format::Format;
use crate::{OldCookie, OldStore};

/// Sessions of `RedisSessionStore`.
///
/// The cookie is named `id` and encrypted with `key`, the one given to actix-session's middleware, unless the returned store is
/// told that it is [signed](OldStore::signed).
///
/// ```
/// # use session_adopt::Key;
/// # let secret = [0; 64];
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// let old = session_adopt::actix_session::redis(client, Key::from(&secret)).prefix("session:");
/// # Ok::<_, redis::RedisError>(())
/// ```
#[cfg(feature = "redis")]
pub fn redis(client: ::redis::Client, key: Key) -> OldStore {
    OldStore::new(Format::ActixSession, Backend::redis(client, ""), OldCookie::new("id").private(key))
}

/// Sessions of `CookieSessionStore` in encrypted cookies, in a cookie named `id`.
///
/// They cannot be ended, for clients hold them, and contain no time at which they expire. `adopted` remembers which cookies were
/// adopted, until `until`, after which none is: a list that all processes share, such as a `RedisStore` or `SqlStore`. For ten
/// seconds a cookie may be adopted again, by other requests under way at the same time.
///
/// Every change of a session made another cookie, and nothing tells that they are of one session: who kept an earlier one can have it
/// adopted until `until`, even after the user signed out, as was the case with actix-session itself. Let `until` be soon.
pub fn private_cookies(key: Key, adopted: impl Revocations, until: Timestamp) -> OldStore {
    cookies(OldCookie::new("id").private(key), adopted, until)
}

/// Sessions of `CookieSessionStore` in signed cookies; otherwise like [`private_cookies`].
pub fn signed_cookies(key: Key, adopted: impl Revocations, until: Timestamp) -> OldStore {
    cookies(OldCookie::new("id").signed(key), adopted, until)
}

fn cookies(cookie: OldCookie, adopted: impl Revocations, until: Timestamp) -> OldStore {
    OldStore::new(Format::ActixSessionCookie, Backend::Claims(Claims::new(adopted, until)), cookie)
}
