//! The application on `ruts`.

use std::sync::Arc;

use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};
use ruts::store::Ttl;
use ruts::store::moka::MokaStore;
use ruts::{CookieOptions, SessionLayer};
use tower_cookies::CookieManagerLayer;

use super::barrier::{REQUESTS, WriteBarrier};
use crate::app::App;
use crate::error_response::HandlerError;

type Session = ruts::Session<MokaStore>;

async fn new(session: Session) -> Result<&'static str, HandlerError> {
    session.set("started", &true, Ttl::new(3600)?, None).await?;
    Ok("ok")
}

async fn set(
    session: Session,
    Path(number): Path<usize>,
    Extension(barrier): Extension<Arc<WriteBarrier>>,
) -> Result<String, HandlerError> {
    let before: Option<bool> = session.get("started").await?;
    barrier.wait().await;
    session.set(&format!("f{number}"), &true, Ttl::new(3600)?, None).await?;
    Ok(before.unwrap_or_default().to_string())
}

async fn count_fields(session: Session) -> Result<String, HandlerError> {
    let mut count = 0;
    for number in 0..REQUESTS {
        count += usize::from(session.get::<bool>(&format!("f{number}")).await?.is_some());
    }
    Ok(count.to_string())
}

async fn logout(session: Session) -> Result<&'static str, HandlerError> {
    session.delete().await?;
    Ok("ok")
}

pub(super) fn memory(barrier: Arc<WriteBarrier>) -> App {
    let cookie = CookieOptions::build().name("session").http_only(true).max_age(3600).path("/");
    let router = Router::new()
        .route("/new", get(new))
        .route("/set/{number}", get(set))
        .route("/count", get(count_fields))
        .route("/logout", get(logout))
        .layer(SessionLayer::new(Arc::new(MokaStore::builder().build())).with_cookie_options(cookie))
        .layer(CookieManagerLayer::new())
        .layer(Extension(barrier));
    App::Tower(router)
}
