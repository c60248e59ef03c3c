//! Signing in and out: `cargo run -p examples --bin login`, then
//! `curl -c jar -b jar -d name=ada http://127.0.0.1:3000/login`, `…/private`, `-X POST …/logout`.

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;
use session::{Databag, MemoryStore, Session, SessionLayer};

#[derive(Databag)]
struct UserSession {
    #[databag(principal)]
    // setting it renews the token, so one that was planted or stolen before the login is invalid
    user: Option<String>,
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

async fn login(session: Session<UserSession>, Form(Login { name }): Form<Login>) -> String {
    session.data.set_user(name.as_str()); // where the password, which this program has none of, was right
    format!("welcome, {name}\n")
}

async fn private(session: Session<UserSession>) -> Result<String, StatusCode> {
    let user = session.data.user().ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(format!("only {user} sees this\n"))
}

async fn logout(session: Session<UserSession>) -> &'static str {
    session.destroy();
    "goodbye\n"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/login", post(login))
        .route("/private", get(private))
        .route("/logout", post(logout))
        .layer(SessionLayer::builder(MemoryStore::new()).plain_http().build()?);
    Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}
