//! `Clear-Site-Data` when a session ends.

use http::StatusCode;
use session::{Databag, SiteData, Store};

use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Browser, Reply, Site, Verb};

#[derive(Databag)]
struct Account {
    #[databag(principal)]
    user: Option<String>,
    #[databag(flash)]
    notice: Option<String>,
}

type Session = session::Session<Account>;

fn site(kinds: &'static [SiteData]) -> Site {
    Site::with(|builder| builder.clear_site_data(kinds.iter().copied()))
}

fn cleared(reply: &Reply) -> Vec<&str> {
    reply.headers.get_all("clear-site-data").iter().map(|value| value.to_str().unwrap()).collect()
}

async fn signed_in<S: Store>(site: &Site<S>, user: &'static str) -> Browser {
    let mut browser = Browser::new();
    let sign_in = move |session: Session| async move { session.data.set_user(user) };
    let reply = site.visit(&mut browser, sign_in).await;
    assert_eq!(cleared(&reply), [""; 0]);
    browser
}

#[tokio::test]
async fn nothing_is_cleared_unless_it_is_set() {
    for site in [Site::new(), site(&[])] {
        let mut browser = Browser::new();
        site.visit(&mut browser, write).await;
        let reply = site.visit(&mut browser, destroy).await;
        assert!(reply.set_cookie().value().is_empty());
        assert_eq!(cleared(&reply), [""; 0]);
    }
}

#[tokio::test]
async fn a_destroyed_session_takes_the_data_along_and_no_other_response_does() {
    let site = site(&[SiteData::Cache, SiteData::Cookies, SiteData::Storage]);
    let mut browser = Browser::new();
    for reply in [
        site.visit(&mut browser, write).await,
        site.visit(&mut browser, read).await,
        site.visit(&mut browser, renew).await,
    ] {
        assert_eq!(cleared(&reply), [""; 0]);
    }
    let reply = site.visit(&mut browser, destroy).await;
    assert_eq!(cleared(&reply), ["\"cache\", \"cookies\", \"storage\""]);
    assert!(reply.set_cookie().value().is_empty());
    assert_eq!(cleared(&site.visit(&mut browser, destroy).await), [""; 0], "there is none to end");
}

#[tokio::test]
async fn the_values_that_the_handler_wrote_stay() {
    let site = site(&[SiteData::Storage]);
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let handler = |session: crate::support::Session| async move {
        session.destroy();
        [("clear-site-data", "\"cache\"")]
    };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(cleared(&reply), ["\"cache\"", "\"storage\""]);
}

#[tokio::test]
async fn clearing_the_principal_takes_the_data_along_and_leaves_the_new_token() {
    for (kinds, expected) in [
        (&[SiteData::Cookies, SiteData::Storage][..], &["\"storage\""][..]),
        (&[SiteData::Cookies], &[]),
        (
            &[SiteData::All],
            &[
                "\"cache\", \"clientHints\", \"executionContexts\", \"prefetchCache\", \"prerenderCache\", \"storage\"",
            ],
        ),
    ] {
        let site = site(kinds);
        let mut browser = signed_in(&site, "ada").await;
        let sign_out = |session: Session| async move {
            session.data.clear_user();
            session.data.set_notice("signed out");
        };
        let reply = site.visit(&mut browser, sign_out).await;
        assert!(!reply.set_cookie().value().is_empty());
        assert_eq!(cleared(&reply), expected);
        let notice = |session: Session| async move { session.data.take_notice().unwrap() };
        let reply = site.visit(&mut browser, notice).await;
        assert_eq!((reply.body.as_str(), cleared(&reply)), ("signed out", vec![]));
    }
}

#[tokio::test]
async fn the_data_of_one_user_is_not_left_to_the_next() {
    let site = site(&[SiteData::Storage]);
    let mut browser = signed_in(&site, "ada").await;
    let sign_in = |session: Session| async move { session.data.set_user("bob") };
    assert_eq!(cleared(&site.visit(&mut browser, sign_in).await), ["\"storage\""]);
    let destroy = |session: Session| async move {
        session.destroy();
        session.data.set_notice("signed out");
    };
    let reply = site.visit(&mut browser, destroy).await;
    assert!(!reply.set_cookie().value().is_empty());
    assert_eq!(cleared(&reply), ["\"storage\""]);
}

#[tokio::test]
async fn a_sign_out_counts_although_the_response_is_5xx_and_although_the_store_fails() {
    let site = site(&[SiteData::Storage]);
    let mut browser = signed_in(&site, "ada").await;
    let fail = |session: Session| async move {
        session.destroy();
        StatusCode::BAD_GATEWAY
    };
    assert_eq!(cleared(&site.visit(&mut browser, fail).await), ["\"storage\""]);
    let browser = signed_in(&site, "ada").await;
    site.store.break_down(Verb::Destroy);
    let destroy = |session: Session| async move { session.destroy() };
    let reply = site.visit_as(&browser, destroy).await;
    assert_eq!(reply.status, 503);
    assert_eq!(cleared(&reply), ["\"storage\""]);
}

#[tokio::test]
async fn a_request_whose_session_another_one_ended_clears_nothing() {
    let site = site(&[SiteData::Storage]);
    let browser = signed_in(&site, "ada").await;
    let (first, second) = (site.open_as::<Account>(&browser).await, site.open_as::<Account>(&browser).await);
    first.session.destroy();
    second.session.data.set_notice("saved");
    assert_eq!(cleared(&first.respond(200).await), ["\"storage\""]);
    assert_eq!(cleared(&second.respond(200).await), [""; 0]);
}

#[tokio::test]
async fn by_hand_the_header_is_written_with_the_cookie() {
    let (manager, _) = Site::managed(|builder| builder.clear_site_data([SiteData::All]));
    let mut request = http::HeaderMap::new();
    let session = manager.load_from(&request).await.unwrap();
    session.renew();
    session.save().await.unwrap();
    let token = session.token().unwrap();
    request.insert("cookie", format!("__Host-session={}", token.expose()).parse().unwrap());
    let session = manager.load_from(&request).await.unwrap();
    session.destroy();
    session.save().await.unwrap();
    let mut response = http::HeaderMap::new();
    session.set_cookies(&mut response);
    assert_eq!(response["clear-site-data"], "\"*\"");
}
