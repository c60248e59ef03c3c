//! Lower bounds: only the operation of the store, behind a minimal session layer.
//!
//! The whole struct is decoded and encoded. No deadlines, no change tracking, no merging, no renewal.

mod map;
mod redis;
mod sealed_cookies;
mod sql;
mod store;

pub(crate) use self::map::Map;

use self::store::MinimalStore;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{COOKIE, SET_COOKIE};

use crate::app::App;
use crate::error_response::HandlerError;
use crate::session_data::NEW_VISITOR;

fn cookie(request: &Request) -> Result<&str> {
    let header = request.headers().get(COOKIE).context("there is no cookie")?;
    header.to_str()?.strip_prefix("bare=").context("not a cookie of this application")
}

fn respond(cookie: Option<String>, text: String) -> Response {
    match cookie {
        Some(value) => {
            let line = format!("bare={value}; HttpOnly; SameSite=Lax; Path=/");
            ([(SET_COOKIE, line)], text).into_response()
        }
        None => text.into_response(),
    }
}

async fn read<S: MinimalStore>(State(store): State<S>, request: Request) -> Result<String, HandlerError> {
    Ok(store.load(cookie(&request)?).await?.counter.to_string())
}

async fn read_all<S: MinimalStore>(State(store): State<S>, request: Request) -> Result<String, HandlerError> {
    Ok(store.load(cookie(&request)?).await?.size().to_string())
}

async fn write<S: MinimalStore>(State(store): State<S>, request: Request) -> Result<Response, HandlerError> {
    let cookie = cookie(&request)?;
    let mut visitor = store.load(cookie).await?;
    visitor.counter += 1;
    Ok(respond(store.save(Some(cookie), &visitor).await?, visitor.counter.to_string()))
}

async fn new<S: MinimalStore>(State(store): State<S>) -> Result<Response, HandlerError> {
    Ok(respond(store.save(None, &NEW_VISITOR.clone()).await?, "ok".to_owned()))
}

fn app<S: MinimalStore>(store: S) -> App {
    let router = Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(read::<S>))
        .route("/read_all", get(read_all::<S>))
        .route("/write", get(write::<S>))
        .route("/new", get(new::<S>));
    App::Tower(router.with_state(store))
}

pub(super) fn memory() -> App {
    app(map::Map::new())
}

pub(super) fn cookies() -> Result<App> {
    Ok(app(sealed_cookies::SealedCookies::new()?))
}

pub(super) async fn redis(url: String) -> Result<App> {
    Ok(app(redis::Hashes::new(&url).await?))
}

pub(crate) async fn sql(url: &str) -> Result<App> {
    Ok(app(sql::Rows::new(url).await?))
}
