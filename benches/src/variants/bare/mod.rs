//! Lower bounds: only the operation of the store, behind a minimal session layer.
//!
//! The whole struct is decoded and encoded. No deadlines, no change tracking, no merging, no renewal.

mod keep;
mod map;
mod redis;
mod seal;

pub(crate) use self::map::Map;

use self::keep::Keep;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{COOKIE, SET_COOKIE};

use crate::app::App;
use crate::bag::VISITOR;
use crate::failed::Failed;

fn cookie(request: &Request) -> Result<&str> {
    let header = request.headers().get(COOKIE).context("there is no cookie")?;
    header.to_str()?.strip_prefix("bare=").context("not a cookie of this application")
}

fn setting(cookie: Option<String>, text: String) -> Response {
    match cookie {
        Some(value) => {
            let line = format!("bare={value}; HttpOnly; SameSite=Lax; Path=/");
            ([(SET_COOKIE, line)], text).into_response()
        }
        None => text.into_response(),
    }
}

async fn read<K: Keep>(State(keep): State<K>, request: Request) -> Result<String, Failed> {
    Ok(keep.load(cookie(&request)?).await?.counter.to_string())
}

async fn read_all<K: Keep>(State(keep): State<K>, request: Request) -> Result<String, Failed> {
    Ok(keep.load(cookie(&request)?).await?.size().to_string())
}

async fn write<K: Keep>(State(keep): State<K>, request: Request) -> Result<Response, Failed> {
    let cookie = cookie(&request)?;
    let mut visitor = keep.load(cookie).await?;
    visitor.counter += 1;
    Ok(setting(keep.save(Some(cookie), &visitor).await?, visitor.counter.to_string()))
}

async fn new<K: Keep>(State(keep): State<K>) -> Result<Response, Failed> {
    Ok(setting(keep.save(None, &VISITOR.clone()).await?, "ok".to_owned()))
}

fn app<K: Keep>(keep: K) -> App {
    let router = Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(read::<K>))
        .route("/read_all", get(read_all::<K>))
        .route("/write", get(write::<K>))
        .route("/new", get(new::<K>));
    App::Tower(router.with_state(keep))
}

pub(super) fn memory() -> App {
    app(map::Map::new())
}

pub(super) fn cookies() -> Result<App> {
    Ok(app(seal::Seal::new()?))
}

pub(super) async fn redis(url: String) -> Result<App> {
    Ok(app(redis::Hashes::new(&url).await?))
}
