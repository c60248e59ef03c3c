//! No session at all: what the routes themselves cost.

use axum::Router;
use axum::routing::get;

use crate::app::App;

pub(super) fn app() -> App {
    let router = Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(async || 1_u64.to_string()))
        .route("/read_all", get(async || 600_usize.to_string()))
        .route("/write", get(async || 2_u64.to_string()))
        .route("/new", get(async || "ok"));
    App::Tower(router)
}
