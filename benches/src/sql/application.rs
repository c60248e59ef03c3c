//! The application on each library.

use anyhow::{Result, bail};

use super::stores::{session_store, with_tower_sessions_store};
use crate::app::App;
use crate::variants::{bare, session, tower_sessions};

pub(super) const LIBRARIES: [&str; 3] = ["bare", "session", "tower-sessions"];

/// Builds the application on the database with this URL.
///
/// # Errors
///
/// When the library is unknown or the database cannot be reached.
pub async fn build(library: &str, url: &str) -> Result<App> {
    match library {
        "bare" => bare::sql(url).await,
        "session" => session::app(session_store(url).await?),
        "tower-sessions" => with_tower_sessions_store!(url, store => Ok(tower_sessions::app(store))),
        _ => bail!("unknown library `{library}`: write one of {}", LIBRARIES.join(", ")),
    }
}
