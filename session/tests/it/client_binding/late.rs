//! Databags with bound fields that are opened after others.

use http::StatusCode;
use session::{ClientChange, Databag};

use super::{AGENT, OTHER_AGENT, Session, client, site};
use crate::support::{Browser, Incoming, Log, Site};

#[derive(Databag)]
struct Auth {
    #[databag(principal)]
    user: Option<String>,
}

#[derive(Databag)]
#[databag(namespace = "device")]
struct Device {
    #[databag(bind = "user-agent", secret)]
    agent: Option<String>,
    #[databag(bind = "network", label)]
    network: Option<String>,
}

/// Signs in with both databags open, and presents the session from another client.
async fn other_client(site: &Site, events: &Log) -> Browser {
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    let sign_in = |auth: Session<Auth>, _: Session<Device>| async move { auth.data.set_user("ada") };
    site.visit(&mut browser, sign_in).await.set_cookie();
    let agent = |device: Session<Device>| async move { device.data.agent().unwrap_or_default() };
    assert_eq!(site.visit(&mut browser, agent).await.body, AGENT);
    events.take();
    client(&browser, OTHER_AGENT, "203.0.113.7")
}

async fn both(auth: Session<Auth>, device: Session<Device>) -> String {
    drop(device);
    format!("{:?} {}", auth.data.user(), auth.is_fresh(std::time::Duration::from_secs(60)))
}

/// Reads the user before the handler extracts the device.
async fn guarded(auth: Session<Auth>, request: Incoming) -> StatusCode {
    assert_eq!(auth.data.user().as_deref(), Some("ada"));
    request.session::<Device>().await.map_or_else(|error| error.status(), |_| StatusCode::OK)
}

#[tokio::test]
async fn a_change_is_noticed_when_the_databag_that_remembers_is_opened() {
    let (site, events) = site(ClientChange::Report);
    let browser = other_client(&site, &events).await;
    let auth = |auth: Session<Auth>| async move { auth.data.user().unwrap() };
    assert_eq!(site.visit_as(&browser, auth).await.body, "ada");
    assert!(events.take().is_empty());
    assert_eq!(site.visit_as(&browser, guarded).await.status, 200);
    assert_eq!(events.take(), ["other device.agent"]);
}

#[tokio::test]
async fn it_takes_the_freshness_of_all_databags() {
    let (site, events) = site(ClientChange::RequireFresh);
    let browser = other_client(&site, &events).await;
    assert_eq!(site.visit_as(&browser, both).await.body, "Some(\"ada\") false");
}

#[tokio::test]
async fn all_databags_of_an_ended_session_are_empty_if_none_was_used() {
    let (site, events) = site(ClientChange::End);
    let mut browser = other_client(&site, &events).await;
    assert_eq!(site.visit(&mut browser, both).await.body, "None false");
    assert!(browser.cookies.is_empty());
    assert_eq!(events.take(), ["other device.agent", "signed out", "ended, client changed"]);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_session_that_was_used_before_ends_and_the_databag_is_refused() {
    let (site, events) = site(ClientChange::End);
    let mut browser = other_client(&site, &events).await;
    let reply = site.visit(&mut browser, guarded).await;
    assert_eq!(reply.status, 500);
    assert!(browser.cookies.is_empty());
    assert_eq!(events.take(), ["other device.agent", "signed out", "ended, client changed"]);
    let errors = site.errors.take();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("field `device.agent` of the databag `"), "{errors:?}");
    assert_eq!(site.live().await, 0);
}
