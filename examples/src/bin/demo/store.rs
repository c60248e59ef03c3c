//! Choice of the session store by environment variables.
//!
//! `DEMO_STORE` is `memory` (the default), `cookie`, which requires a key in `DEMO_KEY`, or the URL of a Redis server.

use std::env;

use session::{CookieStore, KeyRing, MemoryStore, RedisStore, SessionManager};

use crate::visitor::Visitor;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Returns the store that `DEMO_STORE` selects.
pub(crate) fn sessions() -> Result<SessionManager<Visitor>, Failure> {
    let choice = env::var_os("DEMO_STORE").unwrap_or_else(|| "memory".into());
    let builder = match choice.to_str() {
        Some("memory") => SessionManager::builder(MemoryStore::new()),
        Some("cookie") => SessionManager::builder(cookie()?),
        Some(url) if url.starts_with("redis://") => {
            SessionManager::builder(RedisStore::builder(url).prefix("demo").build()?)
        }
        _ => {
            let choice = choice.display();
            return Err(format!("DEMO_STORE is `{choice}`: write `memory`, `cookie` or `redis://…`").into());
        }
    };
    Ok(builder.plain_http().build()?)
}

/// Returns the cookie store. Its revocation list is in memory and lost when this process ends.
fn cookie() -> Result<CookieStore, Failure> {
    let keys = KeyRing::from_env("DEMO_KEY").map_err(|error| {
        format!(
            "DEMO_STORE=cookie seals sessions with the key in DEMO_KEY, and there is none to use:\n{error}\n\n\
             This makes one:\n\n    export DEMO_KEY=$(openssl rand -hex 64)"
        )
    })?;
    // The name of the cookie with `plain_http`.
    let store = CookieStore::builder(keys, "demo").cookie_name("session").chunked(2);
    Ok(store.revocable(MemoryStore::new())?)
}
