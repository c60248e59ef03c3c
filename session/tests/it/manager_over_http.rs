//! Sessions of a manager over HTTP headers, without a framework.

use http::HeaderMap;
use session::{Builder, Error, ManualClock, SameSite, Secure, SessionManager};

use crate::support::{Bag, SpyStore, T0, Verb, seconds};

type Manager = SessionManager<Bag>;

fn manager(configure: impl FnOnce(Builder<Manager>) -> Builder<Manager>) -> (Manager, SpyStore, ManualClock) {
    let (store, clock) = (SpyStore::default(), ManualClock::starting_at(T0));
    let builder = SessionManager::builder(store.clone()).clock(&clock).idle_timeout(seconds(1800));
    (configure(builder).build().unwrap(), store, clock)
}

/// Returns request headers with the cookies that these response headers set.
fn with_cookies_of(response: &HeaderMap) -> HeaderMap {
    let line = response["set-cookie"].to_str().unwrap();
    let mut request = HeaderMap::new();
    request.insert("cookie", line.split(';').next().unwrap().parse().unwrap());
    request
}

fn lines(headers: &HeaderMap) -> Vec<&str> {
    headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_session_goes_from_request_headers_to_response_headers_and_back() {
    let (manager, store, _) = manager(|builder| builder);
    let mut response = HeaderMap::new();
    let session = manager.load_from(&HeaderMap::new()).await.unwrap();
    assert!(session.is_new());
    assert_eq!(store.take_calls(), []);
    session.data.set_name("ada");
    session.save().await.unwrap();
    session.set_cookies(&mut response);
    assert_eq!(store.take_calls(), [Verb::Create]);
    assert_eq!(lines(&response).len(), 1);
    assert!(lines(&response)[0].ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"), "{response:?}");
    assert_eq!(response["cache-control"], "private, no-store");
    assert_eq!(response["vary"], "Cookie");

    let session = manager.load_from(&with_cookies_of(&response)).await.unwrap();
    assert!(!session.is_new());
    assert_eq!(session.data.name(), "ada");
    assert_eq!(store.take_calls(), [Verb::Load]);
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    assert_eq!(lines(&response), [""; 0]);
    assert_eq!(response["vary"], "Cookie", "it was read");
}

#[tokio::test]
async fn what_was_not_used_adds_no_header() {
    let (manager, _, _) = manager(|builder| builder);
    let mut response = HeaderMap::new();
    manager.load_from(&HeaderMap::new()).await.unwrap().set_cookies(&mut response);
    assert!(response.is_empty(), "{response:?}");
}

#[tokio::test]
async fn what_was_not_saved_sets_no_cookie() {
    let (manager, store, _) = manager(|builder| builder);
    let session = manager.load_from(&HeaderMap::new()).await.unwrap();
    session.data.set_name("ada");
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    assert_eq!(lines(&response), [""; 0]);
    assert_eq!(session.cookie(), None);
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_cookie_is_set_once_unless_it_rolls() {
    for (rolling, again) in [(false, 1), (true, 2)] {
        let (manager, _, _) = manager(|builder| builder.persistent(true).rolling(rolling));
        let session = manager.create().await.unwrap();
        let mut cookies = 0;
        for _ in 0..2 {
            let mut response = HeaderMap::new();
            session.set_cookies(&mut response);
            cookies += lines(&response).len();
        }
        assert_eq!(cookies, again);
    }
}

#[tokio::test]
async fn set_cookies_keeps_the_cookies_and_headers_of_others() {
    let (manager, _, _) = manager(|builder| builder);
    let mut response = HeaderMap::new();
    response.insert("set-cookie", "theme=dark".parse().unwrap());
    response.insert("vary", "Accept".parse().unwrap());
    manager.create().await.unwrap().set_cookies(&mut response);
    assert_eq!(lines(&response).len(), 2);
    assert_eq!(lines(&response)[0], "theme=dark");
    assert_eq!(response["vary"], "Accept, Cookie");
}

#[tokio::test]
async fn a_renewal_and_a_save_before_it_set_one_cookie_the_last() {
    let (manager, _, _) = manager(|builder| builder);
    let session = manager.create().await.unwrap();
    session.renew();
    session.save().await.unwrap();
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    let token = session.token().unwrap();
    assert_eq!(lines(&response).len(), 1);
    assert!(lines(&response)[0].starts_with(&format!("__Host-session={};", token.expose())));
}

#[tokio::test]
async fn a_destroyed_session_sets_the_deletion_once_and_has_no_cookie() {
    let (manager, store, _) = manager(|builder| builder.cookie_name("sid").domain("example.com"));
    let mut response = HeaderMap::new();
    manager.create().await.unwrap().set_cookies(&mut response);
    let session = manager.load_from(&with_cookies_of(&response)).await.unwrap();
    manager.destroy(&session).await.unwrap();
    assert_eq!(session.cookie(), None);
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    session.set_cookies(&mut response);
    assert_eq!(
        lines(&response),
        ["sid=; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=0; \
          Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
    );
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn the_cookie_of_a_session_is_the_one_that_set_cookies_writes() {
    let (manager, _, clock) =
        manager(|builder| builder.persistent(true).same_site(SameSite::Strict).cookie_name("sid"));
    let session = manager.create().await.unwrap();
    clock.advance(seconds(100));
    let cookie = session.cookie().unwrap();
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    assert_eq!(lines(&response), [cookie.to_str().unwrap()]);
    assert!(cookie.is_sensitive());
    assert!(cookie.to_str().unwrap().ends_with("Max-Age=1700; Expires=Thu, 01 Jan 2026 00:30:00 GMT"));
}

#[tokio::test]
async fn a_token_in_a_header_makes_no_cookie() {
    let (manager, _, _) = manager(|builder| builder.header("x-session"));
    let session = manager.create().await.unwrap();
    assert_eq!(session.cookie(), None);
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    assert!(!response.contains_key("set-cookie"));
    let token = session.token().unwrap();
    assert_eq!(response["x-session"], token.expose());

    let found = manager.load_from(&response).await.unwrap();
    assert_eq!(found.id(), session.id());
}

#[tokio::test]
async fn an_unknown_token_is_not_adopted_and_a_write_replaces_it() {
    let (manager, store, _) = manager(|builder| builder);
    let mut request = HeaderMap::new();
    request.insert("cookie", "__Host-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().unwrap());
    let session = manager.load_from(&request).await.unwrap();
    assert!(session.is_new() && session.token().is_none());
    session.data.set_name("ada");
    session.save().await.unwrap();
    assert_ne!(session.token().unwrap().expose(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(store.take_calls(), [Verb::Load, Verb::Create]);
}

#[tokio::test]
async fn a_store_that_is_unavailable_is_an_error_and_not_an_empty_session() {
    let (manager, store, _) = manager(|builder| builder);
    let mut response = HeaderMap::new();
    manager.create().await.unwrap().set_cookies(&mut response);
    store.break_down(Verb::Load);
    assert!(matches!(manager.load_from(&with_cookies_of(&response)).await, Err(Error::Load(_))));
    assert!(manager.load_from(&HeaderMap::new()).await.is_ok(), "nothing was asked of the store");
    store.recover();
    assert!(!manager.load_from(&with_cookies_of(&response)).await.unwrap().is_new());
}

#[tokio::test]
async fn automatic_secure_follows_the_request_that_the_session_was_loaded_from() {
    let (manager, _, _) = manager(|builder| builder.secure(Secure::Auto).trust_proxy(true));
    for (proto, secure) in [("https", true), ("http", false)] {
        let mut request = HeaderMap::new();
        request.insert("x-forwarded-proto", proto.parse().unwrap());
        let session = manager.load_from(&request).await.unwrap();
        session.data.set_name("ada");
        session.save().await.unwrap();
        let mut response = HeaderMap::new();
        session.set_cookies(&mut response);
        assert_eq!(lines(&response)[0].contains("; Secure"), secure);
    }
}

#[tokio::test]
async fn a_function_for_the_attributes_sees_the_request_that_the_session_was_loaded_from() {
    let (manager, _, _) = manager(|builder| {
        builder.cookie_name("sid").cookie_per_request(|request, cookie| {
            cookie.domain =
                request.headers.get("host").and_then(|host| host.to_str().ok()).map(str::to_owned);
        })
    });
    let mut request = HeaderMap::new();
    request.insert("host", "example.com".parse().unwrap());
    let session = manager.load_from(&request).await.unwrap();
    session.renew();
    session.save().await.unwrap();
    assert!(session.cookie().unwrap().to_str().unwrap().ends_with("; Domain=example.com"));
}

#[tokio::test]
async fn a_secure_cookie_over_plain_http_is_neither_set_nor_its_session_saved() {
    let (manager, store, _) = manager(|builder| builder.trust_proxy(true));
    let mut request = HeaderMap::new();
    request.insert("x-forwarded-proto", "http".parse().unwrap());
    let session = manager.load_from(&request).await.unwrap();
    session.data.set_name("ada");
    session.save().await.unwrap();
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    assert_eq!(lines(&response), [""; 0]);
    assert_eq!(store.take_calls(), []);
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn of_several_cookies_by_hand_the_live_one_counts_and_two_live_ones_are_none() {
    let (manager, store, _) = manager(|builder| builder);
    let mut tokens = Vec::new();
    for name in ["ada", "eve"] {
        let session = manager.create_with(Bag { name: name.into(), ..Bag::default() }).await.unwrap();
        tokens.push(session.token().unwrap().expose().to_owned());
    }
    store.take_calls();
    let load = async |values: &[&str]| {
        let pairs: Vec<_> = values.iter().map(|value| format!("__Host-session={value}")).collect();
        let mut request = HeaderMap::new();
        request.insert("cookie", pairs.join("; ").parse().unwrap());
        manager.load_from(&request).await.unwrap()
    };
    let session = load(&["dead", &tokens[0]]).await;
    assert_eq!((session.data.name().as_str(), store.take_calls().len()), ("ada", 2));
    let session = load(&[&tokens[1], &tokens[0]]).await;
    assert!(session.is_new() && session.data.name() != "eve" && session.data.name() != "ada");
    assert_eq!(store.take_calls().len(), 2);
}
