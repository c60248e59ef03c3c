//! Bound fields of managers, with and without HTTP.

use std::net::IpAddr;

use http::{HeaderMap, Uri};
use session::{ClientChange, MemoryStore, RequestInfo, SessionEvent, SessionManager};

use super::{AGENT, Account, OTHER_AGENT, summary};
use crate::support::Log;

fn manager(change: Option<ClientChange>) -> (SessionManager<Account>, Log) {
    let events = Log::default();
    let listen = events.clone();
    let builder = SessionManager::<Account>::builder(MemoryStore::new())
        .plain_http()
        .on_event(move |event: &SessionEvent| listen.push(summary(event)));
    let builder = change.into_iter().fold(builder, session::Builder::on_client_change);
    (builder.build().unwrap(), events)
}

fn headers(agent: &'static str, token: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("user-agent", agent.parse().unwrap());
    if let Some(token) = token {
        headers.insert("cookie", format!("session={token}").parse().unwrap());
    }
    headers
}

/// Returns the token of a session whose user signed in with these headers.
async fn signed_in(manager: &SessionManager<Account>) -> String {
    let session = manager.load_from(&headers(AGENT, None)).await.unwrap();
    session.data.set_user("ada");
    session.save().await.unwrap();
    assert_eq!(session.data.agent().as_deref(), Some(AGENT));
    session.token().unwrap().expose().to_owned()
}

#[tokio::test]
async fn without_http_nothing_is_compared_or_remembered() {
    let (manager, events) = manager(Some(ClientChange::End));
    let token = signed_in(&manager).await;
    events.take();
    let session = manager.get(token.as_str()).await.unwrap();
    assert_eq!(session.data.agent().as_deref(), Some(AGENT));
    session.data.set_theme("light");
    session.save().await.unwrap();
    assert_eq!(session.data.agent().as_deref(), Some(AGENT));
    assert!(events.take().is_empty());
    session.authenticated();
    session.save().await.unwrap();
    assert_eq!(session.data.agent(), None);
    let token = session.token().unwrap();
    let found = manager.load_from(&headers(OTHER_AGENT, Some(token.expose()))).await.unwrap();
    assert_eq!(found.data.user().as_deref(), Some("ada"));
    assert_eq!(events.take(), ["renewed", "reauthenticated"]);
}

#[tokio::test]
async fn a_session_created_with_values_holds_none_of_a_client() {
    let (manager, _) = manager(None);
    let bag = |user: Option<&str>| Account {
        user: user.map(str::to_owned),
        agent: Some("made up".to_owned()),
        network: Some("made up".to_owned()),
        theme: "dark".to_owned(),
    };
    for user in [None, Some("ada")] {
        let session = manager.create_with(bag(user)).await.unwrap();
        let found = manager.get(session.token().unwrap()).await.unwrap();
        assert_eq!((found.data.agent(), found.data.network()), (None, None));
        assert_eq!(found.data.theme(), "dark");
    }
}

#[tokio::test]
async fn a_manager_knows_its_databag_and_reports_unless_configured_otherwise() {
    let (manager, events) = manager(None);
    let token = signed_in(&manager).await;
    events.take();
    let found = manager.load_from(&headers(OTHER_AGENT, Some(&token))).await.unwrap();
    assert_eq!(found.data.user().as_deref(), Some("ada"));
    assert_eq!(events.take(), ["other agent"]);
}

#[tokio::test]
async fn headers_loaded_by_hand_end_the_session_with_the_next_save() {
    let (manager, events) = manager(Some(ClientChange::End));
    let token = signed_in(&manager).await;
    events.take();
    let found = manager.load_from(&headers(OTHER_AGENT, Some(&token))).await.unwrap();
    assert!(found.is_new() && found.data.user().is_none());
    found.save().await.unwrap();
    assert_eq!(events.take(), ["other agent", "signed out", "ended, client changed"]);
    let mut response = HeaderMap::new();
    found.set_cookies(&mut response);
    assert!(response["set-cookie"].to_str().unwrap().starts_with("session=;"));
    assert!(manager.find(token.as_str()).await.unwrap().is_none());
}

#[tokio::test]
async fn an_exchange_takes_the_address_that_its_adapter_gives() {
    let (manager, events) = manager(None);
    let (uri, headers) = (Uri::from_static("/"), HeaderMap::new());
    let from = |address: &str| address.parse::<IpAddr>().unwrap();
    let info = RequestInfo::new(&headers, &uri).with_client(from("192.0.2.1"));
    let exchange = manager.exchange(&info);
    let session = exchange.session::<Account>().await.unwrap();
    session.data.set_user("ada");
    session.save().await.unwrap();
    assert_eq!(session.data.network().as_deref(), Some("192.0.2.0/24"));
    let headers = super::manager::headers(AGENT, Some(session.token().unwrap().expose()));
    events.take();
    let info = RequestInfo::new(&headers, &uri).with_client(from("198.51.100.1"));
    manager.exchange(&info).session::<Account>().await.unwrap();
    assert_eq!(events.take(), ["other network"]);
}
