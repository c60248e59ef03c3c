//! Signing out everywhere with `axum-login` on `tower-sessions`, which cannot find the sessions of a user. Each request compares
//! the session with the user's record, and the record is changed.

use std::convert::Infallible;
use std::io;

use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_login::{AuthManagerLayerBuilder, AuthUser, AuthnBackend};
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::lines::users::{Credentials, generation, greeting, next_generation};

type AuthSession = axum_login::AuthSession<Backend>;

#[derive(Clone, Debug)]
struct User {
    id: u64,
    generation: [u8; 8],
}

impl User {
    fn with_id(id: u64) -> Self {
        Self { id, generation: generation(id).to_be_bytes() }
    }
}

impl AuthUser for User {
    type Id = u64;

    fn id(&self) -> u64 {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.generation
    }
}

#[derive(Clone)]
struct Backend;

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = Credentials;
    type Error = Infallible;

    async fn authenticate(&self, form: Credentials) -> Result<Option<User>, Infallible> {
        Ok(form.verify().map(User::with_id))
    }

    async fn get_user(&self, id: &u64) -> Result<Option<User>, Infallible> {
        Ok(Some(User::with_id(*id)))
    }
}

async fn home(session: AuthSession) -> String {
    greeting(session.user.map(|user| user.id))
}

async fn login(mut session: AuthSession, Form(form): Form<Credentials>) -> Result<Redirect, StatusCode> {
    let user = session.authenticate(form).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let user = user.ok_or(StatusCode::UNAUTHORIZED)?;
    session.login(&user).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to("/"))
}

async fn logout(session: AuthSession) -> Result<Redirect, StatusCode> {
    next_generation(session.user.ok_or(StatusCode::UNAUTHORIZED)?.id);
    Ok(Redirect::to("/"))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let app = Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .layer(AuthManagerLayerBuilder::new(Backend, sessions).build());
    axum::serve(listener, app).await
}
