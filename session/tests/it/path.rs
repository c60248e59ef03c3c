//! Cookies with a path.

use axum::Router;
use axum::routing::get;
use http::HeaderMap;
use session::{SessionLayer, SessionManager};
use tower::ServiceExt as _;

use crate::support::handlers::{destroy, read, write};
use crate::support::{Bag, Browser, Reply, Session, Site, SpyStore, Verb};

const OUTSIDE: &str =
    "a session was not saved, because the request is outside the path of the session cookie";

fn site(path: &'static str) -> Site {
    Site::with(|builder| builder.path(path))
}

/// A router around a layer.
type App<'a> = &'a dyn Fn(&SessionLayer) -> Router;

async fn gets_a_cookie(site: &Site, path: &str) -> bool {
    let reply = site.visit_as(&Browser::at(&format!("https://example.com{path}")), write).await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.warnings.take().len(), usize::from(!reply.has_set_cookie()), "{path}");
    reply.has_set_cookie()
}

#[tokio::test]
async fn outside_its_cookies_path_a_session_is_neither_created_nor_sent() {
    let site = site("/admin");
    let mut browser = Browser::at("https://example.com/shop");
    for save in [false, true] {
        let handler = move |session: Session| async move {
            session.data.set_name("ada");
            if save {
                session.save().await.unwrap();
            }
            session.data.name().clone()
        };
        let reply = site.visit(&mut browser, handler).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ada"), "the handler can use it");
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), []);
        let warnings = site.warnings.take();
        assert_eq!(warnings.len(), if save { 2 } else { 1 }, "one for each commit: {warnings:?}");
        assert!(warnings[0].starts_with(OUTSIDE), "{warnings:?}");
    }
    for _ in 0..10 {
        assert!(!gets_a_cookie(&site, "/shop").await);
    }
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.visit(&mut browser, read).await.body, "nobody");
    assert_eq!((site.warnings.take(), site.errors.take()), (vec![], vec![]), "nothing was lost");
}

#[tokio::test]
async fn the_path_covers_what_browsers_send_the_cookie_to() {
    for (cookie, path, covered) in [
        ("/admin", "/admin", true),
        ("/admin", "/admin/", true),
        ("/admin", "/admin/users/7?page=2", true),
        ("/admin", "/admin?page=2", true),
        ("/admin", "/administrator", false),
        ("/admin", "/Admin", false),
        ("/admin", "/%61dmin", false),
        ("/admin", "/shop/admin", false),
        ("/admin", "/", false),
        ("/admin/", "/admin/users", true),
        ("/admin/", "/admin/", true),
        ("/admin/", "/admin", false),
        ("/", "/shop", true),
    ] {
        assert_eq!(gets_a_cookie(&site(cookie), path).await, covered, "{cookie} and {path}");
    }
}

#[tokio::test]
async fn a_session_that_is_presented_outside_the_path_is_read_but_not_written_and_can_be_ended() {
    let site = site("/admin");
    let mut browser = Browser::at("https://example.com/admin");
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    let mut outside = Browser { uri: "https://example.com/shop".to_owned(), ..browser.clone() };
    site.calls();
    assert_eq!(site.visit(&mut outside, read).await.body, "ada");
    assert_eq!(site.warnings.take(), [""; 0]);
    assert!(!site.visit(&mut outside, write).await.has_set_cookie());
    assert_eq!(site.warnings.take().len(), 1);
    assert_eq!(site.calls(), [Verb::Load, Verb::Load]);
    assert!(!site.visit(&mut outside, destroy).await.has_set_cookie());
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn nested_routers_that_remove_a_prefix_do_not_hide_the_path() {
    let path = |path: &'static str| Site::with(move |builder| builder.path(path));
    let admin = || Router::new().route("/users", get(write));
    let inside = |layer: &SessionLayer| Router::new().nest("/admin", admin().layer(layer.clone()));
    let outside = |layer: &SessionLayer| Router::new().nest("/admin", admin()).layer(layer.clone());
    let deep = |layer: &SessionLayer| {
        Router::new().nest("/admin", Router::new().nest("/deep", admin().layer(layer.clone())))
    };
    let apps: [(App<'_>, &str, &str, bool); 5] = [
        (&inside, "/admin", "/admin/users", true),
        (&outside, "/admin", "/admin/users", true),
        (&deep, "/admin/deep", "/admin/deep/users", true),
        (&inside, "/users", "/admin/users", false),
        (&deep, "/deep", "/admin/deep/users", false),
    ];
    for (app, cookie, uri, covered) in apps {
        let site = path(cookie);
        let request = Browser::at(&format!("https://example.com{uri}")).request();
        let reply = Reply::read(app(&site.layer).oneshot(request).await.unwrap()).await;
        assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (200, covered), "{cookie} and {uri}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_says_which_prefix_it_removed() {
    for (trusted, prefix, path, covered) in [
        (true, "/app", "/users", true),
        (true, "/app/", "/users", true),
        (true, "/application", "/users", false),
        (true, "app", "/users", false),
        (false, "/app", "/users", false),
    ] {
        let site = Site::with(|builder| builder.path("/app").trust_proxy(trusted));
        let browser = Browser::at(&format!("https://example.com{path}"))
            .sending("x-forwarded-proto", "https")
            .sending("x-forwarded-prefix", prefix);
        let reply = site.visit_as(&browser, write).await;
        assert_eq!(reply.has_set_cookie(), covered, "{prefix}, trusted: {trusted}");
    }
}

#[tokio::test]
async fn a_function_can_decide_by_request_which_path_the_cookie_has() {
    let site = Site::with(|builder| {
        builder.cookie_name("sid").cookie_per_request(|request, cookie| {
            if request.uri.path().starts_with("/admin") {
                cookie.path = "/admin".to_owned();
            } else {
                cookie.path = "/shop".to_owned();
            }
        })
    });
    assert!(gets_a_cookie(&site, "/admin/users").await);
    assert!(gets_a_cookie(&site, "/shop").await);
    assert!(!gets_a_cookie(&site, "/").await);
}

#[tokio::test]
async fn headers_alone_say_nothing_of_the_path() {
    let store: SpyStore = SpyStore::default();
    let manager = SessionManager::<Bag>::builder(store.clone()).path("/admin").build().unwrap();
    let session = manager.load_from(&HeaderMap::new()).await.unwrap();
    session.data.set_name("ada");
    session.save().await.unwrap();
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    assert!(response["set-cookie"].to_str().unwrap().contains("Path=/admin"));
}
