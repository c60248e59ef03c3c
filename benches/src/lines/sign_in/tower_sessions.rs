//! Signing in and out with `axum-login` on `tower-sessions`.

use std::convert::Infallible;
use std::io;

use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_login::{AuthManagerLayerBuilder, AuthUser, AuthnBackend};
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::lines::users::{Credentials, greeting};

type AuthSession = axum_login::AuthSession<Backend>;

#[derive(Clone, Debug)]
struct User {
    id: u64,
}

impl AuthUser for User {
    type Id = u64;

    fn id(&self) -> u64 {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        &[]
    }
}

#[derive(Clone)]
struct Backend;

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = Credentials;
    type Error = Infallible;

    async fn authenticate(&self, form: Credentials) -> Result<Option<User>, Infallible> {
        Ok(form.verify().map(|id| User { id }))
    }

    async fn get_user(&self, id: &u64) -> Result<Option<User>, Infallible> {
        Ok(Some(User { id: *id }))
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

async fn logout(mut session: AuthSession) -> Result<Redirect, StatusCode> {
    session.logout().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
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
