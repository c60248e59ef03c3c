//! Signing in and out, with routes that only who is signed in may see.
//!
//! `cargo run -p examples --bin login`, then
//! `curl -c jar -b jar -d name=ada http://127.0.0.1:3000/login`, `…/private`, `-X POST …/logout`.

use axum::extract::{FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;
use session::{Databag, MemoryStore, Session, SessionLayer};

#[derive(Databag)]
struct UserSession {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

async fn login(session: Session<UserSession>, Form(form): Form<Login>) -> String {
    // A token that somebody else planted or learnt before is worth nothing from here on.
    session.renew();
    session.data.set_name(form.name.as_str());
    format!("welcome, {}\n", form.name)
}

async fn logout(session: Session<UserSession>) -> &'static str {
    session.destroy();
    "goodbye\n"
}

/// Lets only those through who are signed in.
async fn guard(session: Session<UserSession>, request: Request, next: Next) -> Response {
    if session.data.name().is_none() {
        return (StatusCode::UNAUTHORIZED, "sign in first\n").into_response();
    }
    next.run(request).await
}

/// Who is signed in, as an argument of a handler.
struct User(String);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let session = Session::<UserSession>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        session.data.name().map(Self).ok_or_else(|| StatusCode::UNAUTHORIZED.into_response())
    }
}

async fn private(User(name): User) -> String {
    format!("only {name} sees this\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/private", get(private))
        .layer(from_fn(guard))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .layer(SessionLayer::builder(MemoryStore::new()).plain_http().build()?);
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
