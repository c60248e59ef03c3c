//! Checks concurrent requests on one session: lost updates, and whether a destroyed session comes back.

mod actix_session;
mod axum_session;
mod barrier;
mod ruts;
mod session;
mod tower_sessions;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use test_support::RedisServer;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use self::barrier::{REQUESTS, WriteBarrier};
use crate::app::App;
use crate::sql::database::Database;
use crate::table::Table;

const VARIANTS: [&str; 15] = [
    "session-memory",
    "tower-sessions-memory",
    "axum_session-memory",
    "ruts-memory",
    "session-redis",
    "tower-sessions-redis",
    "actix-session-redis",
    "session-postgres",
    "tower-sessions-postgres",
    "session-sqlite",
    "tower-sessions-sqlite",
    "session-cookie",
    "session-cookie, revocable",
    "tower-sessions-cookie",
    "actix-session-cookie",
];

/// The databases of the stores.
struct Databases {
    redis: RedisServer,
    postgres: Database,
    sqlite: Database,
}

async fn app(name: &str, barrier: Arc<WriteBarrier>, databases: &Databases) -> Result<App> {
    let redis = &databases.redis.url();
    match name {
        "session-memory" => session::memory(barrier),
        "session-redis" => session::redis(barrier, redis),
        "tower-sessions-memory" => Ok(tower_sessions::memory(barrier)),
        "tower-sessions-redis" => tower_sessions::redis(barrier, redis).await,
        "axum_session-memory" => axum_session::memory(barrier).await,
        "ruts-memory" => Ok(ruts::memory(barrier)),
        "session-postgres" => session::sql(barrier, &databases.postgres.url()).await,
        "session-sqlite" => session::sql(barrier, &databases.sqlite.url()).await,
        "tower-sessions-postgres" => tower_sessions::sql(barrier, &databases.postgres.url()).await,
        "tower-sessions-sqlite" => tower_sessions::sql(barrier, &databases.sqlite.url()).await,
        "session-cookie" => session::cookie(barrier),
        "session-cookie, revocable" => session::revocable_cookie(barrier),
        "tower-sessions-cookie" => Ok(tower_sessions::cookie(barrier)),
        "actix-session-cookie" => actix_session::cookie(barrier).await,
        _ => actix_session::redis(barrier, redis).await,
    }
}

/// Returns the table.
///
/// # Errors
///
/// When an application fails.
pub fn table() -> Result<Table> {
    let databases = Databases {
        redis: RedisServer::start(),
        postgres: Database::postgres(),
        sqlite: Database::sqlite()?,
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let head = format!("kept of {REQUESTS} concurrent writes");
    let mut table = Table::new(["variant", &head, "a destroyed session"]);
    for name in VARIANTS {
        let figures = LocalSet::new().block_on(&runtime, async {
            let kept = kept_writes(name, &databases).await.with_context(|| format!("updates with {name}"))?;
            let back = is_restored(name, &databases).await.with_context(|| format!("logout with {name}"))?;
            anyhow::Ok([kept.to_string(), if back { "comes back" } else { "stays destroyed" }.to_owned()])
        })?;
        table.row(name, figures);
    }
    Ok(table)
}

/// Returns the number of fields that remain after concurrent writes, as seen with the last cookie that was set.
async fn kept_writes(name: &str, databases: &Databases) -> Result<usize> {
    let barrier = Arc::new(WriteBarrier::new(REQUESTS));
    let app = app(name, Arc::clone(&barrier), databases).await?;
    let mut cookie = app.get("/new", None).await?.cookie().context("the response sets no cookie")?;
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        let (app, cookie) = (app.clone(), cookie.clone());
        requests.spawn_local(async move { app.get(&format!("/set/{number}"), Some(&cookie)).await });
    }
    barrier.wait_for_all().await;
    barrier.release().await;
    while let Some(response) = requests.join_next().await {
        cookie = response??.cookie().unwrap_or(cookie);
    }
    Ok(app.get("/count", Some(&cookie)).await?.text().parse()?)
}

/// Whether a request in flight restores its session, which was destroyed meanwhile: under the old cookie or under the
/// one in its response.
async fn is_restored(name: &str, databases: &Databases) -> Result<bool> {
    let barrier = Arc::new(WriteBarrier::new(1));
    let app = app(name, Arc::clone(&barrier), databases).await?;
    let cookie = app.get("/new", None).await?.cookie().context("the response sets no cookie")?;
    let mut requests = JoinSet::new();
    let (late, late_cookie) = (app.clone(), cookie.clone());
    requests.spawn_local(async move { late.get("/set/7", Some(&late_cookie)).await });
    barrier.wait_for_all().await;
    app.get("/logout", Some(&cookie)).await?;
    barrier.release().await;
    // An error response is a valid outcome.
    let response = requests.join_next().await.context("the request is missing")??;
    let fresh = response.ok().and_then(|response| response.cookie());
    for cookie in [Some(cookie), fresh].into_iter().flatten() {
        if app.get("/count", Some(&cookie)).await?.text() != "0" {
            return Ok(true);
        }
    }
    Ok(false)
}
