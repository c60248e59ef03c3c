//! Where the shop keeps its sessions, as the environment says.
//!
//! `DEMO_STORE` is `memory`, unless set, or `cookie`, which needs a key in `DEMO_KEY`, or the URL of a Redis server.

use std::env;

use session::{CookieStore, KeyRing, MemoryStore, RedisStore, SessionManager};

use crate::visitor::Visitor;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Sessions in the store of the visitor's choice.
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

/// Sessions sealed into their cookies. Which of them were ended is known until this process ends.
fn cookie() -> Result<CookieStore, Failure> {
    let keys = KeyRing::from_env("DEMO_KEY").map_err(|error| {
        format!(
            "DEMO_STORE=cookie seals sessions with the key in DEMO_KEY, and there is none to use:\n{error}\n\n\
             This makes one:\n\n    export DEMO_KEY=$(openssl rand -hex 64)"
        )
    })?;
    // The name that a cookie gets where it may travel over plain HTTP.
    let store = CookieStore::builder(keys, "demo").cookie_name("session").chunked(2);
    Ok(store.revocable(MemoryStore::new())?)
}
