//! Choice of the session store by environment variables.
//!
//! `DEMO_STORE` is `memory` (the default), `cookie`, which requires a key in `DEMO_KEY`, the URL of a Redis, PostgreSQL, MySQL
//! or MariaDB server, or `sqlite:` and the name of a file.

use std::env;
use std::str::FromStr as _;
use std::time::Duration;

use session::sql::Pool;
use session::store::DynStore;
use session::{CookieStore, KeyRing, MemoryStore, RedisStore, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{MySqlPool, PgPool, SqlitePool};

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Returns the store that `DEMO_STORE` selects.
pub(crate) async fn chosen() -> Result<Box<dyn DynStore>, Failure> {
    let choice = env::var_os("DEMO_STORE").unwrap_or_else(|| "memory".into());
    Ok(match choice.to_str() {
        Some("memory") => Box::new(MemoryStore::new()),
        Some("cookie") => Box::new(cookie()?),
        Some(url) if url.starts_with("redis://") => {
            Box::new(RedisStore::builder(url).prefix("demo").build()?)
        }
        Some(url) if url.starts_with("postgres://") => Box::new(sql(PgPool::connect(url).await?).await?),
        Some(url) if url.starts_with("mysql://") => Box::new(sql(MySqlPool::connect(url).await?).await?),
        Some(url) if url.starts_with("sqlite:") => {
            let file = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal);
            Box::new(sql(SqlitePool::connect_with(file).await?).await?)
        }
        _ => {
            let choice = choice.display();
            return Err(format!(
                "DEMO_STORE is `{choice}`: write `memory`, `cookie`, `redis://…`, `postgres://…`, `mysql://…` or \
                 `sqlite:demo.db`"
            )
            .into());
        }
    })
}

/// Returns the cookie store. Its revocation list is in memory and lost when this process ends.
fn cookie() -> Result<CookieStore, Failure> {
    let keys = KeyRing::from_env("DEMO_KEY").map_err(|error| {
        format!(
            "DEMO_STORE=cookie seals sessions with the key in DEMO_KEY, and there is none to use:\n{error}\n\n\
             This makes one:\n\n    export DEMO_KEY=$(openssl rand -hex 64)"
        )
    })?;
    // The name of the cookie with `plain_http`. The cart counts, and a cookie cannot: of two responses the last one wins.
    let store = CookieStore::builder(keys, "demo").cookie_name("session").chunked(2).accept_lost_updates();
    Ok(store.revocable(MemoryStore::new())?)
}

/// Returns a store in an SQL database, with its tables created and expired sessions removed once a minute.
async fn sql(pool: impl Into<Pool>) -> Result<SqlStore, Failure> {
    let store = SqlStore::new(pool).table("demo_session")?;
    store.migrate().await?;
    tokio::spawn(store.sweep_every(Duration::from_mins(1), |error| tracing::warn!(%error, "no sweep")));
    Ok(store)
}
