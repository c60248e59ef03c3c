//! Baseline without sessions: the routes alone, behind a no-op layer, and behind a layer that inserts an extension.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::routing::get;
use axum::{Extension, Router};
use tower::Service;
use tower::layer::layer_fn;

use crate::app::App;

fn routes() -> Router {
    Router::new()
        .route("/anon", get(async || "ok"))
        .route("/read", get(async || 1_u64.to_string()))
        .route("/read_all", get(async || 600_usize.to_string()))
        .route("/write", get(async || 2_u64.to_string()))
        .route("/new", get(async || "ok"))
}

/// A service that only calls the inner one.
#[derive(Clone)]
struct Passthrough<S>(S);

impl<R, S: Service<R>> Service<R> for Passthrough<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

pub(super) fn app() -> App {
    App::Tower(routes())
}

pub(super) fn layer() -> App {
    App::Tower(routes().layer(layer_fn(Passthrough)))
}

pub(super) fn extension() -> App {
    App::Tower(routes().layer(Extension(Arc::new(()))))
}
