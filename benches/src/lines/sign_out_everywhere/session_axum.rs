//! Signing out everywhere with `session` on axum.

use std::io;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Router};
use session::{Databag, Error, MemoryStore, Session, SessionManager, SignedIn};
use tokio::net::TcpListener;

use crate::lines::users::{Credentials, greeting};

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user: Option<u64>,
}

async fn home(session: Session<Visitor>) -> String {
    greeting(session.data.user())
}

async fn login(session: Session<Visitor>, Form(form): Form<Credentials>) -> Result<Redirect, StatusCode> {
    session.data.set_user(form.verify().ok_or(StatusCode::UNAUTHORIZED)?);
    Ok(Redirect::to("/"))
}

async fn logout(
    State(sessions): State<SessionManager<Visitor>>,
    visitor: SignedIn<Visitor>,
) -> Result<Redirect, Error> {
    sessions.destroy_all(&visitor.principal(), None).await?;
    Ok(Redirect::to("/"))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = SessionManager::<Visitor>::new(MemoryStore::new());
    let app = Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .layer(sessions.layer())
        .with_state(sessions);
    axum::serve(listener, app).await
}
