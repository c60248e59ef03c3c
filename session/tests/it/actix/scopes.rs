//! Applications, scopes and resources around or inside of the middleware.

use actix_web::test::init_service;
use actix_web::{App, web};
use session::{MemoryStore, SessionManager, SessionMiddleware};

use super::{send, sessions, write};
use crate::support::handlers::read;
use crate::support::{Bag, Browser, Session, Site, Verb};

/// Requests a page below `/admin`, where middleware around a scope has this cookie path, and returns whether its response
/// has a cookie.
async fn gets_a_cookie(
    path: &'static str,
    scoped: fn(SessionMiddleware) -> actix_web::Scope,
    uri: &str,
) -> bool {
    let site = Site::with(|builder| builder.path(path));
    let app = init_service(App::new().service(scoped(sessions(&site)))).await;
    let reply = send(&app, &Browser::at(&format!("https://example.com{uri}"))).await;
    assert_eq!(reply.status, 200);
    reply.has_set_cookie()
}

fn inside(sessions: SessionMiddleware) -> actix_web::Scope {
    let users = web::scope("/users").wrap(sessions).route("", web::get().to(write));
    web::scope("/admin").service(users)
}

fn deep(sessions: SessionMiddleware) -> actix_web::Scope {
    let users = web::resource("/users").wrap(sessions).route(web::get().to(write));
    web::scope("/admin").service(web::scope("/deep").service(users))
}

#[tokio::test]
async fn scopes_that_match_a_prefix_do_not_hide_the_path() {
    assert!(gets_a_cookie("/admin", inside, "/admin/users").await);
    assert!(gets_a_cookie("/admin/users", inside, "/admin/users").await);
    assert!(!gets_a_cookie("/users", inside, "/admin/users").await);
    assert!(gets_a_cookie("/admin/deep", deep, "/admin/deep/users").await);
    assert!(!gets_a_cookie("/deep", deep, "/admin/deep/users").await);
}

#[tokio::test]
async fn routes_outside_the_middleware_never_reach_the_store() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    let within = web::scope("/in").wrap(sessions(&site)).route("", web::get().to(read));
    let app = App::new().service(within).route("/out", web::get().to(|| async { "static" }));
    let app = init_service(app).await;
    for (path, body, calls) in [("/out", "static", vec![]), ("/in", "nobody", vec![Verb::Load, Verb::Touch])]
    {
        let browser = Browser { uri: format!("https://example.com{path}"), ..browser.clone() };
        let reply = send(&app, &browser).await;
        assert_eq!(reply.body, body);
        assert_eq!(reply.has_set_cookie(), path == "/in");
        assert_eq!(site.calls(), calls);
    }
}

#[tokio::test]
async fn middleware_put_on_twice_still_makes_one_session_and_one_cookie() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let app = App::new().route("/", web::get().to(write)).wrap(sessions(&site)).wrap(sessions(&site));
    let app = init_service(app).await;
    let mut browser = Browser::new();
    for _ in 0..2 {
        let reply = send(&app, &browser).await;
        browser.take_cookies(&reply);
        assert_eq!(reply.set_cookie().value(), browser.token());
        assert_eq!(site.store.len(), 1);
    }
}

#[tokio::test]
async fn a_manager_is_middleware_and_shares_its_sessions_with_that_which_it_returns() {
    let manager = SessionManager::<Bag>::new(MemoryStore::new());
    let app = App::new().service(web::resource("/write").wrap(manager.middleware()).to(write)).service(
        web::resource("/read")
            .wrap(manager.clone())
            .to(async |session: Session| session.data.visits().to_string()),
    );
    let app = init_service(app).await;
    let mut browser = Browser::at("https://example.com/write");
    browser.take_cookies(&send(&app, &browser).await);
    browser.uri = "https://example.com/read".to_owned();
    assert_eq!(send(&app, &browser).await.body, "1");
    assert_eq!(manager.count().await.unwrap(), 1);
}

#[tokio::test]
async fn debug_of_the_middleware_names_the_store_and_no_more() {
    let site = Site::new();
    assert_eq!(format!("{:?}", sessions(&site)), r#"SessionMiddleware { store: "spy", .. }"#);
    assert_eq!(sessions(&site).describe(), site.layer.describe());
}
