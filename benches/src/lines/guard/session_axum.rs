//! A page for signed-in visitors, and the way back after signing in, with `session` on axum.

use std::io;

use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Form, Router};
use session::{Databag, MemoryStore, ReturnTo, Session, SessionLayer, SignedIn};
use tokio::net::TcpListener;

use crate::lines::users::{Credentials, FORM, greeting};

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user: Option<u64>,
}

async fn account(visitor: SignedIn<Visitor>) -> String {
    greeting(Some(visitor.principal()))
}

async fn login(
    session: Session<Visitor>,
    next: ReturnTo,
    Form(form): Form<Credentials>,
) -> Result<Redirect, StatusCode> {
    session.data.set_user(form.verify().ok_or(StatusCode::UNAUTHORIZED)?);
    Ok(Redirect::to(next.as_str()))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let app = Router::new()
        .route("/account", get(account))
        .route_layer(session::guard::<Visitor>().redirect_to("/login"))
        .route("/login", get(async || Html(FORM)).post(login))
        .layer(SessionLayer::new(MemoryStore::new()));
    axum::serve(listener, app).await
}
