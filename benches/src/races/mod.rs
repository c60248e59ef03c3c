//! Checks concurrent requests on one session: lost updates, and whether a destroyed session comes back.

mod actix_session;
mod axum_session;
mod gate;
mod ours;
mod requests;
mod ruts;
mod tower_sessions;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use self::gate::Gate;
use self::requests::REQUESTS;
use crate::app::App;
use crate::table::Table;

const VARIANTS: [&str; 11] = [
    "session-memory",
    "tower-sessions-memory",
    "axum_session-memory",
    "ruts-memory",
    "session-redis",
    "tower-sessions-redis",
    "actix-session-redis",
    "session-cookie",
    "session-cookie, revocable",
    "tower-sessions-cookie",
    "actix-session-cookie",
];

async fn app(name: &str, gate: Arc<Gate>, redis: &str) -> Result<App> {
    match name {
        "session-memory" => ours::memory(gate),
        "session-redis" => ours::redis(gate, redis),
        "tower-sessions-memory" => Ok(tower_sessions::memory(gate)),
        "tower-sessions-redis" => tower_sessions::redis(gate, redis).await,
        "axum_session-memory" => axum_session::memory(gate).await,
        "ruts-memory" => Ok(ruts::memory(gate)),
        "session-cookie" => ours::cookie(gate),
        "session-cookie, revocable" => ours::revocable_cookie(gate),
        "tower-sessions-cookie" => Ok(tower_sessions::cookie(gate)),
        "actix-session-cookie" => actix_session::cookie(gate).await,
        _ => actix_session::redis(gate, redis).await,
    }
}

/// Returns the table.
///
/// # Errors
///
/// When an application fails.
pub fn table(redis: &str) -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let head = format!("kept of {REQUESTS} concurrent writes");
    let mut table = Table::new(["variant", &head, "a destroyed session"]);
    for name in VARIANTS {
        let figures = LocalSet::new().block_on(&runtime, async {
            let kept = kept(name, redis).await.with_context(|| format!("updates with {name}"))?;
            let back = comes_back(name, redis).await.with_context(|| format!("logout with {name}"))?;
            anyhow::Ok([kept.to_string(), if back { "comes back" } else { "stays destroyed" }.to_owned()])
        })?;
        table.row(name, figures);
    }
    Ok(table)
}

/// Returns the number of fields that remain after concurrent writes, as seen with the last cookie that was set.
async fn kept(name: &str, redis: &str) -> Result<usize> {
    let gate = Arc::new(Gate::new(REQUESTS));
    let app = app(name, Arc::clone(&gate), redis).await?;
    let mut cookie = app.get("/new", None).await?.cookie().context("the response sets no cookie")?;
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        let (app, cookie) = (app.clone(), cookie.clone());
        requests.spawn_local(async move { app.get(&format!("/set/{number}"), Some(&cookie)).await });
    }
    gate.all_are_there().await;
    gate.open().await;
    while let Some(answered) = requests.join_next().await {
        cookie = answered??.cookie().unwrap_or(cookie);
    }
    Ok(app.get("/count", Some(&cookie)).await?.text().parse()?)
}

/// Whether a request in flight restores its session, which was destroyed meanwhile: under the old cookie or under the
/// one in its response.
async fn comes_back(name: &str, redis: &str) -> Result<bool> {
    let gate = Arc::new(Gate::new(1));
    let app = app(name, Arc::clone(&gate), redis).await?;
    let cookie = app.get("/new", None).await?.cookie().context("the response sets no cookie")?;
    let mut requests = JoinSet::new();
    let (late, late_cookie) = (app.clone(), cookie.clone());
    requests.spawn_local(async move { late.get("/set/7", Some(&late_cookie)).await });
    gate.all_are_there().await;
    app.get("/logout", Some(&cookie)).await?;
    gate.open().await;
    // An error response is a valid outcome.
    let answered = requests.join_next().await.context("the request is missing")??;
    let fresh = answered.ok().and_then(|answer| answer.cookie());
    for cookie in [Some(cookie), fresh].into_iter().flatten() {
        if app.get("/count", Some(&cookie)).await?.text() != "0" {
            return Ok(true);
        }
    }
    Ok(false)
}
