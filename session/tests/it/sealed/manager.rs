//! Sealed sessions without a framework.

use http::{HeaderMap, HeaderValue};
use session::{CookieStore, SessionManager};

use crate::sealed::site::key;
use crate::support::Bag;

/// Returns the `Cookie` header of a client that received these headers and had no cookie before.
fn with_cookies_of(sent: &HeaderMap) -> HeaderMap {
    let pairs: Vec<_> = sent
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap().split("; ").next().unwrap())
        .filter(|pair| !pair.ends_with('='))
        .collect();
    HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::try_from(pairs.join("; ")).unwrap())])
}

fn manager() -> SessionManager<Bag> {
    let store = CookieStore::builder(key(1), "shop").chunked(4).stateless().unwrap();
    SessionManager::builder(store).build().unwrap()
}

#[tokio::test]
async fn a_session_is_sealed_found_and_ended() {
    let manager = manager();
    let session = manager.create_with(Bag { name: "ada".into(), ..Bag::default() }).await.unwrap();
    let token = session.token().unwrap();
    assert_eq!(manager.get(&token).await.unwrap().data.name(), "ada");
    assert!(session.cookie().unwrap().to_str().unwrap().contains(token.expose()));

    let mut sent = HeaderMap::new();
    session.set_cookies(&mut sent);
    let session = manager.load_from(&with_cookies_of(&sent)).await.unwrap();
    assert_eq!(session.data.name(), "ada");
    session.destroy();
    session.save().await.unwrap();
    let mut sent = HeaderMap::new();
    session.set_cookies(&mut sent);
    assert!(sent["set-cookie"].to_str().unwrap().starts_with("__Host-session=; "));
}

#[tokio::test]
async fn a_session_of_several_cookies_is_set_read_and_deleted_whole() {
    let manager = manager();
    let bag = Bag { notice: Some("x".repeat(10_000)), ..Bag::default() };
    let session = manager.create_with(bag).await.unwrap();
    assert_eq!(session.cookie(), None, "one cookie would be a part of it");
    let mut sent = HeaderMap::new();
    session.set_cookies(&mut sent);
    assert_eq!(sent.get_all("set-cookie").iter().count(), 4);

    let session = manager.load_from(&with_cookies_of(&sent)).await.unwrap();
    assert_eq!(session.data.notice().unwrap().len(), 10_000);
    session.data.clear_notice();
    session.save().await.unwrap();
    let mut sent = HeaderMap::new();
    session.set_cookies(&mut sent);
    let lines: Vec<_> = sent.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1..].iter().all(|line| line.contains("=; ") && line.contains("Max-Age=0")), "{lines:?}");
    assert_eq!(manager.load_from(&with_cookies_of(&sent)).await.unwrap().data.notice(), None);
}
