//! Tokens in a header, for clients other than browsers.

use crate::support::handlers::{destroy, idle, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, Verb};

fn site() -> Site {
    Site::with(|builder| builder.header("x-session"))
}

/// Returns the token that a reply sends.
fn token(reply: &Reply) -> &str {
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.headers.get_all("x-session").iter().count(), 1, "{reply:?}");
    reply.headers["x-session"].to_str().unwrap()
}

#[tokio::test]
async fn a_created_session_comes_back_in_the_header_and_not_in_a_cookie() {
    let site = site();
    let reply =
        site.visit(&mut Browser::new(), |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(token(&reply).len(), 43);
    assert_eq!(reply.header("vary").as_deref(), Some("x-session"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Create]);

    let client = Browser::new().sending("x-session", token(&reply));
    let reply = site.visit_as(&client, read).await;
    assert_eq!(reply.body, "ada");
    assert_eq!(reply.header("x-session"), None);
    assert_eq!(reply.header("vary").as_deref(), Some("x-session"));
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_renewed_session_comes_back_under_its_new_token() {
    let site = site();
    let first = site.visit(&mut Browser::new(), write).await;
    let old = Browser::new().sending("x-session", token(&first));
    let second = site.visit_as(&old, renew).await;
    assert_ne!(token(&first), token(&second));
    let is_new = |session: Session| async move { session.is_new().to_string() };
    assert_eq!(site.visit_as(&old, is_new).await.body, "true");
    let new = Browser::new().sending("x-session", token(&second));
    assert_eq!(site.visit_as(&new, is_new).await.body, "false");
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn a_destroyed_session_answers_with_an_empty_header() {
    let site = site();
    let reply = site.visit(&mut Browser::new(), write).await;
    let client = Browser::new().sending("x-session", token(&reply));
    site.calls();
    let reply = site.visit_as(&client, destroy).await;
    assert_eq!(token(&reply), "");
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn cookies_are_ignored_whatever_they_say() {
    let site = site();
    let reply = site.visit(&mut Browser::new(), write).await;
    let valid = token(&reply).to_owned();
    site.calls();
    for name in ["x-session", "__Host-session", "session"] {
        let reply = site.visit(&mut Browser::with_cookie(name, &valid), read).await;
        assert_eq!(reply.body, "nobody");
    }
    assert_eq!(site.calls(), []);

    let client = Browser::with_cookie("__Host-session", "other").sending("x-session", &valid);
    let is_new = |session: Session| async move { session.is_new().to_string() };
    assert_eq!(site.visit_as(&client, is_new).await.body, "false");
}

#[tokio::test]
async fn a_header_that_holds_no_token_is_as_good_as_none() {
    let site = site();
    for (value, calls) in [("", vec![]), ("null", vec![Verb::Load]), ("a b c", vec![Verb::Load])] {
        let client = Browser::new().sending("x-session", value);
        let reply = site.visit_as(&client, read).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"));
        assert_eq!(reply.header("x-session"), None);
        assert_eq!(site.calls(), calls);
    }
    let mut client = Browser::new();
    client.headers.insert("x-session", http::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    assert_eq!(site.visit_as(&client, read).await.body, "nobody");
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn of_two_headers_the_first_counts() {
    let site = site();
    let reply = site.visit(&mut Browser::new(), write).await;
    let is_new = |session: Session| async move { session.is_new().to_string() };
    let first = Browser::new().sending("x-session", token(&reply)).sending("x-session", "other");
    assert_eq!(site.visit_as(&first, is_new).await.body, "false");
    let second = Browser::new().sending("x-session", "other").sending("x-session", token(&reply));
    assert_eq!(site.visit_as(&second, is_new).await.body, "true");
}

#[tokio::test]
async fn an_idle_request_gets_no_header_at_all() {
    let site = site();
    let reply = site.visit(&mut Browser::new(), idle).await;
    assert_eq!(reply.header("x-session"), None);
    assert_eq!(reply.header("vary"), None);
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_header_travels_over_plain_http_whatever_the_cookie_settings() {
    let site =
        Site::with(|builder| builder.header("X-Session").same_site(session::SameSite::None).plain_http());
    let reply = site.visit(&mut Browser::at("http://localhost/"), write).await;
    assert_eq!(token(&reply).len(), 43);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.warnings.take(), [""; 0]);
}

#[tokio::test]
async fn a_header_that_the_handler_wrote_under_that_name_gives_way() {
    let site = site();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("ada");
            [("x-session", "planted")]
        })
        .await;
    assert_ne!(token(&reply), "planted");
}
