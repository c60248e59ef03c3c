//! The application in axum, by `session`'s own feature.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::site::{Handlers, Session, sign_in, visit, visit_in_body};

pub(super) async fn start(handlers: Handlers) -> SocketAddr {
    let app = Router::new()
        .route("/", get(async |session: Session| visit(&session)))
        .route("/untouched", get(async || "untouched"))
        .route("/failed", get(async |session: Session| (StatusCode::INTERNAL_SERVER_ERROR, visit(&session))))
        .route("/sign-in", post(async |session: Session| sign_in(&session)))
        .route("/sign-out", post(async |session: Session| session.destroy()))
        .route("/everybody-out", post(everybody_out))
        .route("/stream", get(async |session: Session| Body::from_stream(visit_in_body(session))))
        .route("/task", get(task))
        .layer(handlers.sessions.layer())
        .with_state(handlers);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

async fn everybody_out(handlers: State<Handlers>, session: Session) -> String {
    handlers.sign_everybody_out(&session).await
}

async fn task(handlers: State<Handlers>, session: Session) {
    handlers.hand_over(session);
}
