//! The attribute `Secure`, and sessions over plain HTTP.

use session::{Connection, Secure};

use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, Verb};

const TLS: &str = "https://example.com/";
const PLAIN: &str = "http://example.com/";

async fn is_secure(site: &Site, browser: Browser) -> bool {
    site.visit(&mut browser.clone(), write).await.attributes().contains(&"Secure")
}

#[tokio::test]
async fn automatic_secure_is_left_out_only_where_the_connection_is_known_to_be_plain() {
    let site = Site::with(|builder| builder.secure(Secure::Auto));
    assert!(is_secure(&site, Browser::at(TLS)).await);
    assert!(!is_secure(&site, Browser::at(PLAIN)).await);
    assert!(is_secure(&site, Browser::at("/")).await, "nothing is known");
    assert_eq!(site.store.len(), 3);
}

#[tokio::test]
async fn a_server_that_knows_the_connection_says_so_in_the_extensions() {
    for (connection, uri, secure) in [(Connection::Tls, PLAIN, true), (Connection::Plain, TLS, false)] {
        let visit = async |site: &Site| {
            let mut request = Browser::at(uri).request();
            request.extensions_mut().insert(connection);
            Reply::read(site.respond(request, write).await).await
        };
        let automatic = visit(&Site::with(|builder| builder.secure(Secure::Auto))).await;
        assert_eq!(automatic.attributes().contains(&"Secure"), secure);
        let site = Site::new();
        assert_eq!(visit(&site).await.has_set_cookie(), secure);
        assert_eq!(site.store.len(), usize::from(secure));
    }
}

#[tokio::test]
async fn a_secure_cookie_over_plain_http_is_neither_sent_nor_its_session_saved() {
    let site = Site::new();
    for save in [false, true] {
        let reply = site
            .visit(&mut Browser::at(PLAIN), move |session: Session| async move {
                session.data.set_name("ada");
                if save {
                    session.save().await.unwrap();
                }
                session.renew();
            })
            .await;
        assert_eq!(reply.status, 200);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), []);
        assert_eq!(site.store.len(), 0);
        let warnings = site.warnings.take();
        assert_eq!(warnings.len(), if save { 2 } else { 1 }, "one for each commit: {warnings:?}");
        assert!(warnings[0].starts_with("a session was not saved, because its Secure cookie cannot travel"));
        assert_eq!(site.errors.take(), [""; 0]);
    }
}

#[tokio::test]
async fn a_session_that_is_known_is_read_over_plain_http_but_not_changed_nor_renewed() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    let mut plain = Browser { uri: PLAIN.to_owned(), ..browser.clone() };
    site.calls();

    assert_eq!(site.visit(&mut plain, read).await.body, "ada");
    assert_eq!(site.warnings.take(), [""; 0]);
    assert!(!site.visit(&mut plain, write).await.has_set_cookie());
    assert!(!site.visit(&mut plain, renew).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Load, Verb::Load]);
    assert_eq!(site.warnings.take().len(), 2);
    assert_eq!(site.visit(&mut browser, read).await.body, "ada");
}

#[tokio::test]
async fn a_session_can_be_destroyed_over_plain_http() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    browser.uri = PLAIN.to_owned();
    site.visit(&mut browser, destroy).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_connection_of_which_nothing_is_known_gets_its_secure_cookie() {
    let site = Site::new();
    assert!(is_secure(&site, Browser::at("/")).await);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.warnings.take(), [""; 0]);
}

#[tokio::test]
async fn a_trusted_proxys_first_word_decides() {
    let site = Site::with(|builder| builder.secure(Secure::Auto).trust_proxy(true));
    for (forwarded, secure) in [
        ("https", true),
        ("HTTPS", true),
        ("https,http", true),
        ("https , http", true),
        ("http", false),
        ("http,https", false),
        ("", false),
        ("wss", false),
        ("https2", false),
    ] {
        for uri in [TLS, PLAIN, "/"] {
            let browser = Browser::at(uri).sending("x-forwarded-proto", forwarded);
            assert_eq!(is_secure(&site, browser).await, secure, "{forwarded:?} at {uri}");
        }
    }
    let two_lines =
        Browser::at("/").sending("x-forwarded-proto", "http").sending("x-forwarded-proto", "https");
    assert!(!is_secure(&site, two_lines).await);
    assert!(!is_secure(&site, Browser::at(TLS)).await, "a proxy that says nothing says plain");
}

#[tokio::test]
async fn a_trusted_proxy_may_use_the_standard_header() {
    let site = Site::with(|builder| builder.secure(Secure::Auto).trust_proxy(true));
    for (forwarded, secure) in [
        ("proto=https", true),
        ("Proto=HTTPS", true),
        ("proto=\"https\"", true),
        ("proto=\"ht\\tps\"", true),
        ("for=192.0.2.60; proto=https ;by=203.0.113.43", true),
        ("for=\"[2001:db8::1]:47011;proto=http,\";proto=https", true),
        ("proto=https, for=10.0.0.1;proto=http", true),
        (", for=192.0.2.60;proto=https", true),
        ("for=192.0.2.60;proto=http, proto=https", false),
        ("for=192.0.2.60, proto=https", false),
        ("for=\"a, proto=https\"", false),
        ("for=\"proto=https", false),
        ("proto=https;proto=http", false),
        ("proto=http;proto=https", false),
        ("proto=\"https", false),
        ("xproto=https", false),
        ("proto=https2", false),
        ("proto=", false),
        ("https", false),
        ("", false),
    ] {
        let browser = Browser::at("/").sending("forwarded", forwarded);
        assert_eq!(is_secure(&site, browser).await, secure, "{forwarded:?}");
    }
    let two_lines = Browser::at("/").sending("forwarded", "proto=https").sending("forwarded", "proto=http");
    assert!(is_secure(&site, two_lines).await, "the first line was added by the proxy next to the client");
}

#[tokio::test]
async fn headers_of_a_proxy_that_contradict_each_other_count_as_plain_http() {
    let site = Site::with(|builder| builder.secure(Secure::Auto).trust_proxy(true));
    for (single, standard, secure) in [
        ("https", "proto=https", true),
        ("https", "for=192.0.2.60", true),
        ("https", "proto=http", false),
        ("http", "proto=https", false),
        ("https", "proto=\"https", false),
    ] {
        let browser = Browser::at(TLS).sending("x-forwarded-proto", single).sending("forwarded", standard);
        assert_eq!(is_secure(&site, browser).await, secure, "{single} and {standard}");
    }
}

#[tokio::test]
async fn the_word_of_a_proxy_that_is_not_trusted_is_ignored() {
    let site = Site::with(|builder| builder.secure(Secure::Auto));
    assert!(!is_secure(&site, Browser::at(PLAIN).sending("x-forwarded-proto", "https")).await);
    assert!(!is_secure(&site, Browser::at(PLAIN).sending("forwarded", "proto=https")).await);
    assert!(is_secure(&site, Browser::at("/").sending("x-forwarded-proto", "http")).await);
    assert!(is_secure(&site, Browser::at("/").sending("forwarded", "proto=http")).await);
    assert!(is_secure(&site, Browser::at(TLS).sending("x-forwarded-proto", "http")).await);

    let site = Site::new();
    let mut browser = Browser::at(PLAIN).sending("x-forwarded-proto", "https");
    assert!(!site.visit(&mut browser, write).await.has_set_cookie());
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn behind_a_trusted_proxy_plain_visitors_get_no_secure_cookie() {
    let site = Site::with(|builder| builder.trust_proxy(true));
    let plain = Browser::at("/").sending("x-forwarded-proto", "http");
    for mut browser in [plain, Browser::at("/")] {
        assert!(!site.visit(&mut browser, write).await.has_set_cookie());
        assert_eq!(site.store.len(), 0);
        assert_eq!(site.warnings.take().len(), 1);
    }
    assert!(is_secure(&site, Browser::at("/").sending("x-forwarded-proto", "https")).await);
}

#[tokio::test]
async fn plain_http_for_development_works_with_a_cookie_that_is_not_secure() {
    let site = Site::with(session::Builder::plain_http);
    let mut browser = Browser::at("http://localhost:3000/");
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(reply.attributes(), ["HttpOnly", "Path=/", "SameSite=Lax"]);
    assert_eq!(site.visit(&mut browser, read).await.body, "ada");
    assert_eq!(site.warnings.take(), [""; 0]);
}

#[tokio::test]
async fn a_function_can_decide_by_request_whether_the_cookie_is_secure() {
    let site = Site::with(|builder| {
        builder.cookie_name("sid").cookie_per_request(|request, cookie| {
            cookie.secure =
                request.uri.host() != Some("localhost") || request.connection == Some(Connection::Tls);
        })
    });
    assert!(!is_secure(&site, Browser::at("http://localhost/")).await);
    assert!(is_secure(&site, Browser::at("https://localhost/")).await);
    assert!(!site.visit(&mut Browser::at(PLAIN), write).await.has_set_cookie());
    assert_eq!(site.store.len(), 2);
}
