//! Tokens in a header or in the cookie, whichever a request uses.

use crate::support::handlers::{destroy, idle, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, Verb};

fn site() -> Site {
    Site::with(|builder| builder.header_or_cookie("x-session"))
}

/// Returns a client that uses the header, and one that uses the cookie.
async fn two_clients(site: &Site) -> (Browser, Browser) {
    let api = Browser::new().sending("x-session", "");
    let reply = site.visit_as(&api, write).await;
    let api = Browser::new().sending("x-session", header(&reply));
    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, write).await;
    assert_eq!(reply.header("x-session"), None);
    site.calls();
    (api, browser)
}

/// Returns the token that a reply sends only in the header.
fn header(reply: &Reply) -> &str {
    assert!(!reply.has_set_cookie(), "{reply:?}");
    assert_eq!(reply.headers.get_all("x-session").iter().count(), 1, "{reply:?}");
    reply.headers["x-session"].to_str().unwrap()
}

/// Returns the token that a reply sends only in the cookie.
fn cookie(reply: &Reply) -> String {
    assert_eq!(reply.header("x-session"), None);
    reply.set_cookie().value().to_owned()
}

async fn is_new(session: Session) -> String {
    session.is_new().to_string()
}

#[tokio::test]
async fn a_first_visit_gets_the_cookie_unless_it_has_the_header() {
    let site = site();
    assert_eq!(cookie(&site.visit(&mut Browser::new(), write).await).len(), 43);
    for value in ["", "unknown", "a b c"] {
        let reply = site.visit_as(&Browser::new().sending("x-session", value), write).await;
        assert_eq!(header(&reply).len(), 43);
    }
    assert_eq!(site.store.len(), 4);
}

#[tokio::test]
async fn each_client_is_answered_the_way_that_it_asks() {
    let site = site();
    let (api, mut browser) = two_clients(&site).await;
    for client in [&api, &browser] {
        assert_eq!(site.visit_as(client, is_new).await.body, "false");
        assert_eq!(site.calls(), [Verb::Load]);
    }
    let renewed = Browser::new().sending("x-session", header(&site.visit_as(&api, renew).await));
    assert_eq!(site.visit_as(&api, is_new).await.body, "true");
    assert_eq!(header(&site.visit_as(&renewed, destroy).await), "");
    cookie(&site.visit(&mut browser, renew).await);
    assert_eq!(cookie(&site.visit(&mut browser, destroy).await), "");
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_session_of_the_cookie_is_never_answered_in_the_header() {
    let site = site();
    for value in ["", "unknown"] {
        let (_, browser) = two_clients(&site).await;
        let mut script = browser.sending("x-session", value);
        cookie(&site.visit(&mut script, renew).await);
        assert_eq!(cookie(&site.visit(&mut script, destroy).await), "");
    }
}

#[tokio::test]
async fn of_a_header_and_a_cookie_the_one_that_is_live_counts() {
    let site = site();
    let (api, browser) = two_clients(&site).await;
    let token = api.headers["x-session"].to_str().unwrap().to_owned();
    let both = Browser::with_cookie("__Host-session", "dead").sending("x-session", &token);
    let renewed = site.visit_as(&both, renew).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Load, Verb::Renew]);
    assert_ne!(header(&renewed), token);
    let both = browser.clone().sending("x-session", "dead");
    cookie(&site.visit_as(&both, renew).await);
    assert!(site.warnings.take().is_empty());
}

#[tokio::test]
async fn of_two_live_sessions_neither_counts() {
    let site = site();
    let (api, browser) = two_clients(&site).await;
    let both = browser.clone().sending("x-session", api.headers["x-session"].to_str().unwrap());
    assert_eq!(site.visit_as(&both, is_new).await.body, "true");
    let warnings = site.warnings.take();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("a request carried the tokens of two live sessions"), "{warnings:?}");
    for client in [&api, &browser] {
        assert_eq!(site.visit_as(client, is_new).await.body, "false");
    }
}

#[tokio::test]
async fn one_token_in_both_is_loaded_once_and_answered_in_the_header() {
    let site = site();
    let (_, browser) = two_clients(&site).await;
    let both = browser.clone().sending("x-session", browser.token());
    let reply = site.visit_as(&both, renew).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_ne!(header(&reply), browser.token());
}

#[tokio::test]
async fn responses_vary_by_both() {
    let site = site();
    let (api, browser) = two_clients(&site).await;
    for client in [&api, &browser, &Browser::new()] {
        assert_eq!(site.visit_as(client, read).await.header("vary").as_deref(), Some("Cookie, x-session"));
    }
    assert_eq!(site.visit_as(&Browser::new(), idle).await.header("vary"), None);
}

#[tokio::test]
async fn what_keeps_a_cookie_from_being_set_does_not_keep_the_header() {
    let site = Site::with(|builder| builder.header_or_cookie("x-session").path("/shop").cookie_name("sid"));
    for uri in ["http://localhost/shop", "https://localhost/"] {
        let reply = site.visit(&mut Browser::at(uri), write).await;
        assert!(!reply.has_set_cookie() && reply.header("x-session").is_none());
        assert_eq!(site.warnings.take().len(), 1);
        let reply = site.visit(&mut Browser::at(uri).sending("x-session", ""), write).await;
        assert_eq!(header(&reply).len(), 43);
        assert_eq!(site.warnings.take(), [""; 0]);
    }
    assert_eq!(site.store.len(), 2);
}

#[tokio::test]
async fn the_settings_of_both_are_checked() {
    let built = |name: &str, cookie: &str| {
        let builder = session::SessionLayer::builder(session::MemoryStore::new());
        builder
            .header_or_cookie(name)
            .cookie_name(cookie)
            .build()
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert!(built("x-session", "sid").is_ok());
    assert!(built("authorization", "sid").unwrap_err().starts_with("the header `authorization`"));
    assert!(built("x-session", "a b").unwrap_err().starts_with("`a b` is not a cookie name"));
}

#[tokio::test]
async fn by_hand_a_session_is_answered_the_way_that_it_came() {
    let (manager, site) = Site::managed(|builder| builder.header_or_cookie("x-session"));
    let (api, browser) = two_clients(&site).await;
    for (client, in_header) in [(&api, true), (&browser, false)] {
        let session = manager.load_from(&client.request_headers()).await.unwrap();
        session.renew();
        session.save().await.unwrap();
        assert_eq!(session.cookie().is_none(), in_header);
        let mut response = http::HeaderMap::new();
        session.set_cookies(&mut response);
        assert_eq!(response.contains_key("x-session"), in_header);
        assert_eq!(response.contains_key("set-cookie"), !in_header);
    }
}
