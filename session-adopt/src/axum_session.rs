//! Sessions of [axum_session](https://docs.rs/axum_session) 0.14 to 0.22, in its stores in Redis and PostgreSQL.

use crate::backend::Backend;
use crate::format::Format;
use crate::{OldCookie, OldStore};

/// Sessions of `axum_session_redispool::SessionRedisPool`, in keys that begin with `sessions:` by default. Another
/// [prefix](OldStore::prefix) is the table name of the configuration and a colon, or nothing if the name was empty.
///
/// By default the cookie is named `session` and not protected. With a `key` in the configuration it is
/// [signed for the client](OldStore::signed_for_client), or [signed](OldStore::signed) if `with_ip_and_user_agent` was `false`.
#[cfg(feature = "redis")]
pub fn redis(client: ::redis::Client) -> OldStore {
    let format = Format::AxumSession { database_key: None };
    OldStore::new(format, Backend::redis(client, "sessions:"), OldCookie::new("session"))
}

/// Sessions of `axum_session_sqlx::SessionPgPool`, in the table `sessions` by default; see [`table`](OldStore::table).
///
/// By default the cookie is named `session` and not protected. With a `key` in the configuration it is
/// [signed for the client](OldStore::signed_for_client), or [signed](OldStore::signed) if `with_ip_and_user_agent` was `false`.
#[cfg(feature = "postgres")]
pub fn postgres(pool: sqlx::PgPool) -> OldStore {
    let format = Format::AxumSession { database_key: None };
    let backend = Backend::postgres(pool, crate::backend::Layout::AxumSession, "sessions");
    OldStore::new(format, backend, OldCookie::new("session"))
}
