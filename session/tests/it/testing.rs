//! Visitors for tests of applications.

use axum::Router;
use axum::routing::any;
use session::testing::TestSession;
use session::{Builder, Databag, HandleId, Session, SessionManager, SignedIn, Store};
use tower::ServiceExt as _;

use crate::support::{Browser, Reply, Site, SpyStore, Verb, seconds};

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user_id: Option<u64>,
    cart: Vec<String>,
}

/// Creates a manager, and a site that shares its store and settings.
fn managed<S: Store>(
    store: S,
    configure: impl FnOnce(Builder<SessionManager<Visitor>>) -> Builder<SessionManager<Visitor>>,
) -> (SessionManager<Visitor>, Site<S>) {
    let store = SpyStore::over(store);
    Site::build(SessionManager::builder(store.clone()), store, configure, SessionManager::layer)
}

fn memory() -> (SessionManager<Visitor>, Site) {
    managed(session::MemoryStore::new(), |builder| builder)
}

/// Sends the visitor's request to a page for signed-in visitors.
async fn visit<S: Store>(site: &Site<S>, visitor: &TestSession<Visitor>) -> Reply {
    let (name, value) = visitor.header();
    let mut request = Browser::new().request();
    request.headers_mut().insert(name, value);
    let page = async |visitor: SignedIn<Visitor>| {
        format!("{} {}", visitor.principal(), visitor.data.cart().join(" "))
    };
    let router =
        Router::new().fallback(any(page)).layer(session::guard::<Visitor>()).layer(site.layer.clone());
    Reply::read(router.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn a_visitor_is_signed_in_by_one_write_and_without_a_request() {
    let (sessions, site) = memory();
    let visitor = TestSession::of(&sessions)
        .with(|data| data.set_user_id(7))
        .with(|data| data.set_cart(["tea".to_owned()]))
        .await;
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(visitor.header(), (http::header::COOKIE, visitor.cookie_header()));
    let reply = visit(&site, &visitor).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "7 tea"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(sessions.sessions_of(&7).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_visitor_of_whom_nothing_is_set_has_an_anonymous_session() {
    let (sessions, site) = memory();
    let visitor = TestSession::of(&sessions).await;
    assert!(visitor.session.is_valid());
    assert_eq!(visit(&site, &visitor).await.status, 401);
    assert_eq!(site.calls(), [Verb::Create, Verb::Load]);
}

#[tokio::test]
async fn visitors_are_different_people() {
    let (sessions, site) = memory();
    let one = TestSession::of(&sessions).with(|data| data.set_user_id(1)).await;
    let two = TestSession::of(&sessions).with(|data| data.set_user_id(2)).await;
    assert_eq!(visit(&site, &one).await.body, "1 ");
    assert_eq!(visit(&site, &two).await.body, "2 ");
    sessions.destroy_all(&1, None).await.unwrap();
    assert_eq!(visit(&site, &one).await.status, 401);
    assert_eq!(visit(&site, &two).await.status, 200);
}

#[tokio::test]
async fn the_session_expires_by_the_clock_and_sign_ins_age_by_it() {
    let (sessions, site) = memory();
    let visitor = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
    assert!(visitor.session.is_fresh(seconds(60)));
    site.at(1799);
    assert!(!visitor.session.is_fresh(seconds(60)));
    assert_eq!(visit(&site, &visitor).await.status, 200);
    site.at(1799 + 1800);
    assert_eq!(visit(&site, &visitor).await.status, 401);
}

#[tokio::test]
async fn a_handler_is_called_as_a_function() {
    let buy = async |visitor: SignedIn<Visitor>| {
        visitor.data.update_cart(|cart| cart.push("tea".to_owned()));
        format!("user {}", visitor.principal())
    };
    let sign_out = async |session: Session<Visitor>| session.destroy();
    let (sessions, site) = memory();
    let visitor = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
    assert_eq!(buy(SignedIn::of(visitor.session.clone()).unwrap()).await, "user 7");
    visitor.session.save().await.unwrap();
    assert_eq!(visit(&site, &visitor).await.body, "7 tea");
    let cookie = visitor.cookie_header();
    sign_out(visitor.session.clone()).await;
    assert!(SignedIn::of(visitor.session.clone()).is_err());
    visitor.session.save().await.unwrap();
    let browser = Browser::new().sending("cookie", cookie.to_str().unwrap());
    let page = async |visitor: Option<SignedIn<Visitor>>| visitor.is_some().to_string();
    assert_eq!(site.visit_as(&browser, page).await.body, "false");
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn what_a_request_stores_is_seen_after_reload() {
    let (sessions, site) = memory();
    let visitor = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
    let browser = Browser::new().sending("cookie", visitor.cookie_header().to_str().unwrap());
    site.visit_as(&browser, async |session: Session<Visitor>| session.data.set_cart(["tea".to_owned()]))
        .await;
    visitor.session.reload().await.unwrap();
    assert_eq!(visitor.session.data.cart(), ["tea"]);
}

#[tokio::test]
async fn the_cookie_has_the_name_of_the_settings() {
    let (sessions, _) =
        managed(session::MemoryStore::new(), |builder| builder.plain_http().cookie_name("id"));
    let visitor = TestSession::of(&sessions).await;
    let token = visitor.session.token().unwrap();
    assert_eq!(visitor.cookie_header(), format!("id={}", token.expose()));
}

#[tokio::test]
async fn a_token_in_a_header_is_sent_in_that_header() {
    let (sessions, site) = managed(session::MemoryStore::new(), |builder| builder.header("x-session"));
    let visitor = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
    let (name, value) = visitor.header();
    assert_eq!(name, "x-session");
    assert_eq!(value, visitor.session.token().unwrap().expose());
    assert_eq!(visit(&site, &visitor).await.body, "7 ");
    let cookie = tokio::spawn(async move { visitor.cookie_header() });
    assert!(cookie.await.unwrap_err().is_panic());
}

#[tokio::test]
async fn with_a_header_or_a_cookie_it_is_the_cookie() {
    let (sessions, site) =
        managed(session::MemoryStore::new(), |builder| builder.header_or_cookie("x-session"));
    let visitor = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
    assert!(visitor.cookie_header().to_str().unwrap().starts_with("__Host-session="));
    assert_eq!(visit(&site, &visitor).await.body, "7 ");
}

#[cfg(feature = "cookie")]
#[tokio::test]
async fn sealed_cookies_work_also_if_they_are_several() {
    let secret = [HandleId::random(), HandleId::random()].map(|half| *half.unwrap().as_bytes()).concat();
    let key = session::Key::derive(&secret, "test").unwrap();
    let store = session::CookieStore::builder(key, "shop").chunked(4).stateless().unwrap();
    let (sessions, site) = managed(store, |builder| builder);
    let small = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
    assert_eq!(visit(&site, &small).await.body, "7 ");
    let noise: String = (0..6000_u32).map(|at| char::from(b'a' + (at * at % 26) as u8)).collect();
    let large = TestSession::of(&sessions)
        .with(|data| data.set_user_id(7))
        .with(|data| data.set_cart([noise.clone()]))
        .await;
    assert!(large.cookie_header().to_str().unwrap().split("; ").count() > 1);
    assert_eq!(visit(&site, &large).await.body, format!("7 {noise}"));
}

#[tokio::test]
async fn debug_shows_no_token_and_no_principal() {
    let (sessions, _) = memory();
    let unsaved = TestSession::of(&sessions).with(|data| data.set_user_id(123_456));
    let text = format!("{unsaved:?}");
    let visitor = unsaved.await;
    let text = format!("{text} {visitor:?} {:?}", visitor.header());
    assert!(!text.contains("123456") && !text.contains(visitor.session.token().unwrap().expose()), "{text}");
}

#[tokio::test]
async fn a_store_that_fails_panics_with_the_reason() {
    let (sessions, site) = memory();
    site.store.break_down(Verb::Create);
    let visitor =
        tokio::spawn(async move { TestSession::of(&sessions).with(|data| data.set_user_id(7)).await });
    let panic = visitor.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("connection refused"), "{text}");
}
