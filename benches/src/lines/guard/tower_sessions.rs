//! A page for signed-in visitors, and the way back after signing in, with `axum-login` on `tower-sessions`. As in its examples, the
//! way back may lead to another site.

use std::convert::Infallible;
use std::io;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Form, Router};
use axum_login::{AuthManagerLayerBuilder, AuthUser, AuthnBackend, login_required};
use serde::Deserialize;
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::lines::users::{Credentials, FORM, greeting};

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

#[derive(Deserialize)]
struct NextUrl {
    next: Option<String>,
}

async fn account(session: AuthSession) -> String {
    greeting(session.user.map(|user| user.id))
}

async fn login(
    mut session: AuthSession,
    Query(NextUrl { next }): Query<NextUrl>,
    Form(form): Form<Credentials>,
) -> Result<Redirect, StatusCode> {
    let user = session.authenticate(form).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let user = user.ok_or(StatusCode::UNAUTHORIZED)?;
    session.login(&user).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to(next.as_deref().unwrap_or("/")))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let app = Router::new()
        .route("/account", get(account))
        .route_layer(login_required!(Backend, login_url = "/login"))
        .route("/login", get(async || Html(FORM)).post(login))
        .layer(AuthManagerLayerBuilder::new(Backend, sessions).build());
    axum::serve(listener, app).await
}
