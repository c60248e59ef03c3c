//! Guards, extractors of a signed-in visitor, and the way back after signing in.

mod fresh;
mod layers;
mod navigation;
mod redirects;
mod return_to;
mod rules;
mod signed_in;

use actix_web::test::init_service;
use actix_web::{App, web};
use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use session::{Databag, Guard, SessionMiddleware, Store};
use tower::ServiceExt as _;

use crate::support::framework::Framework;
use crate::support::on_actix::call;
use crate::support::{Browser, Reply, Site, Verb};

type Session = session::Session<Visitor>;

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user_id: Option<u64>,
    is_admin: bool,
    cart: Vec<String>,
}

/// Returns the guard of the tests.
fn guard() -> Guard<Visitor> {
    session::guard()
}

/// Returns a visitor who signed in as user 7.
async fn signed_in<S: Store>(site: &Site<S>) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, async |session: Session| session.data.set_user_id(7)).await;
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

/// Returns a visitor whose session is anonymous.
async fn anonymous(site: &Site) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, async |session: Session| session.data.set_cart(["tea".to_owned()])).await;
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

/// Returns a router with a guarded page at every path.
fn guarded(guard: Guard<Visitor>) -> Router {
    Router::new().fallback(any(async |session: Session| format!("{:?}", session.data.user_id()))).layer(guard)
}

/// Sends a request to a guarded page, in the chosen framework.
async fn send_guarded<S: Store>(site: &Site<S>, request: Request, guard: Guard<Visitor>) -> Reply {
    if Framework::chosen() == Framework::Axum {
        return send(site, guarded(guard), request).await;
    }
    let handler = |session: Session| async move { format!("{:?}", session.data.user_id()) };
    let sessions = SessionMiddleware::from(site.layer.clone());
    let app = App::new().default_service(web::to(handler)).wrap(guard).wrap(sessions);
    Reply::read(call(&init_service(app).await, request).await).await
}

/// Visits a guarded page, in the chosen framework.
async fn visit<S: Store>(site: &Site<S>, browser: &Browser, guard: Guard<Visitor>) -> Reply {
    send_guarded(site, browser.request(), guard).await
}

/// Sends a request to a router inside of the site's layer.
async fn send<S: Store>(site: &Site<S>, router: Router, request: Request) -> Reply {
    Reply::read(router.layer(site.layer.clone()).oneshot(request).await.unwrap()).await
}
