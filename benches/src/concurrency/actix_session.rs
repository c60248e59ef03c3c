//! The application on `actix-session`.

use std::sync::Arc;

use actix_session::storage::{CookieSessionStore, RedisSessionStore, SessionStore};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::web::{Data, Path, get};
use anyhow::Result;

use super::barrier::{REQUESTS, WriteBarrier};
use crate::actix;
use crate::app::App;

async fn new(session: Session) -> actix_web::Result<&'static str> {
    session.insert("started", true)?;
    Ok("ok")
}

async fn set(
    session: Session,
    number: Path<usize>,
    barrier: Data<WriteBarrier>,
) -> actix_web::Result<String> {
    let before = session.get::<bool>("started")?.unwrap_or_default();
    barrier.wait().await;
    session.insert(format!("f{number}"), true)?;
    Ok(before.to_string())
}

async fn count_fields(session: Session) -> actix_web::Result<String> {
    let mut count = 0;
    for number in 0..REQUESTS {
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
    barrier: Arc<WriteBarrier>,
) -> Result<App> {
    let key = Key::generate();
    let make = move || {
        let sessions = SessionMiddleware::builder(store(), key.clone()).cookie_secure(false).build();
        actix_web::App::new()
            .wrap(sessions)
            .app_data(Data::from(Arc::clone(&barrier)))
            .route("/new", get().to(new))
            .route("/set/{number}", get().to(set))
            .route("/count", get().to(count_fields))
            .route("/logout", get().to(logout))
    };
    Ok(App::Actix(actix::app(make).await))
}

pub(super) async fn redis(barrier: Arc<WriteBarrier>, url: &str) -> Result<App> {
    let store = RedisSessionStore::new(url).await?;
    app(move || store.clone(), barrier).await
}

pub(super) async fn cookie(barrier: Arc<WriteBarrier>) -> Result<App> {
    app(CookieSessionStore::default, barrier).await
}
