//! Stored values of bound fields.

use http::HeaderValue;
use session::{ClientAddr, ClientChange};

use super::{AGENT, Session, client, remembered, sign_in, site, summary};
use crate::support::{Browser, Log, Reply, Site};

async fn agent(session: Session) -> String {
    session.data.agent().unwrap_or_else(|| "none".to_owned())
}

/// Returns the stored value of a user agent.
async fn remembered_agent(value: &[u8]) -> String {
    let (site, events) = site(ClientChange::Report);
    let mut browser = client(&Browser::new(), "", "");
    browser.headers.insert("user-agent", HeaderValue::from_bytes(value).unwrap());
    site.visit(&mut browser, sign_in).await.set_cookie();
    events.take();
    let body = site.visit(&mut browser, agent).await.body;
    assert!(events.take().is_empty(), "the same value is no other client");
    body
}

#[tokio::test]
async fn a_long_user_agent_is_cut_between_characters() {
    assert_eq!(remembered_agent(&[b'a'; 256]).await, "a".repeat(256));
    assert_eq!(remembered_agent(&[b'a'; 300]).await, "a".repeat(256));
    let text = format!("{}äöü", "a".repeat(255));
    assert_eq!(remembered_agent(text.as_bytes()).await, "a".repeat(255));
}

#[tokio::test]
async fn a_user_agent_that_is_no_text_is_remembered_as_far_as_it_is() {
    assert_eq!(remembered_agent(b"a\xff\xfeb").await, "a\u{fffd}\u{fffd}b");
    assert_eq!(remembered_agent(&[0xff; 256]).await, "\u{fffd}".repeat(85));
    assert_eq!(remembered_agent(b"").await, "none");
}

#[tokio::test]
async fn only_the_part_that_is_remembered_is_compared() {
    let (site, events) = site(ClientChange::Report);
    let long = "a".repeat(256);
    let browser = super::signed_in(&site, &format!("{long} one"), "203.0.113.7").await;
    events.take();
    site.visit_as(&client(&browser, &format!("{long} two"), "203.0.113.7"), agent).await;
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn of_an_address_the_network_is_remembered() {
    for (address, network) in [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::1", "::/48"),
    ] {
        let (site, _) = site(ClientChange::Report);
        let mut browser = super::signed_in(&site, AGENT, address).await;
        let expected = format!("Some({AGENT:?}) Some({network:?})");
        assert_eq!(site.visit(&mut browser, remembered).await.body, expected);
    }
}

#[tokio::test]
async fn a_server_says_the_address_in_the_extensions_and_headers_count_only_from_a_trusted_proxy() {
    let events = Log::default();
    let listen = events.clone();
    let site = Site::with(|builder| {
        builder.on_client_change(ClientChange::Report).on_event(move |event| listen.push(summary(event)))
    });
    let from = |address: &str, browser: &Browser| {
        let mut request = browser.request();
        request.extensions_mut().insert(ClientAddr(address.parse().unwrap()));
        request
    };
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    let reply = Reply::read(site.respond(from("192.0.2.1", &browser), sign_in).await).await;
    browser.take_cookies(&reply);
    let expected = format!("Some({AGENT:?}) Some(\"192.0.2.0/24\")");
    let reply = Reply::read(site.respond(from("192.0.2.2", &browser), remembered).await).await;
    assert_eq!(reply.body, expected);
    assert_eq!(events.take(), ["started", "signed in"]);
    site.respond(from("198.51.100.1", &browser), remembered).await;
    assert_eq!(events.take(), ["other network"]);
    site.visit(&mut browser, remembered).await;
    assert!(events.take().is_empty(), "without an extension the address is unknown");
}
