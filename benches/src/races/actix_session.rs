//! The application on `actix-session`.

use std::sync::Arc;

use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::web::{Data, Path, get};
use anyhow::Result;

use super::gate::Gate;
use crate::actix;
use crate::app::App;

async fn new(session: Session) -> actix_web::Result<&'static str> {
    session.insert("started", true)?;
    Ok("ok")
}

async fn set(session: Session, number: Path<usize>, gate: Data<Gate>) -> actix_web::Result<String> {
    let before = session.get::<bool>("started")?.unwrap_or_default();
    gate.pass().await;
    session.insert(format!("f{number}"), true)?;
    Ok(before.to_string())
}

async fn fields(session: Session) -> actix_web::Result<String> {
    let mut count = 0;
    for number in 0..super::requests::REQUESTS {
        count += usize::from(session.get::<bool>(&format!("f{number}"))?.is_some());
    }
    Ok(count.to_string())
}

async fn logout(session: Session) -> &'static str {
    session.purge();
    "ok"
}

async fn app<S: SessionStore + 'static>(
    store: impl Fn() -> S + Clone + Send + 'static,
    gate: Arc<Gate>,
) -> Result<App> {
    let key = Key::generate();
    let make = move || {
        let sessions = SessionMiddleware::builder(store(), key.clone()).cookie_secure(false).build();
        actix_web::App::new()
            .wrap(sessions)
            .app_data(Data::from(Arc::clone(&gate)))
            .route("/new", get().to(new))
            .route("/set/{number}", get().to(set))
            .route("/count", get().to(fields))
            .route("/logout", get().to(logout))
    };
    actix::app(make).await
}

pub(super) async fn redis(gate: Arc<Gate>, url: &str) -> Result<App> {
    let store = RedisSessionStore::new(url).await?;
    app(move || store.clone(), gate).await
}

pub(super) async fn cookie(gate: Arc<Gate>) -> Result<App> {
    app(CookieSessionStore::default, gate).await
}
