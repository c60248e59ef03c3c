//! When bound fields are set and dropped.

use session::ClientChange;

use super::{AGENT, OTHER_AGENT, Session, client, remembered, sign_in, signed_in, site};
use crate::support::{Browser, Verb};

#[tokio::test]
async fn a_sign_in_remembers_the_client_in_the_same_commit() {
    let (site, _) = site(ClientChange::Report);
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    let theme = |session: Session| async move { session.data.set_theme("dark") };
    site.visit(&mut browser, theme).await.set_cookie();
    assert_eq!(site.visit(&mut browser, remembered).await.body, "None None", "nobody signed in");
    site.calls();
    site.visit(&mut browser, sign_in).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    let expected = format!("Some({AGENT:?}) Some(\"203.0.113.0/24\")");
    assert_eq!(site.visit(&mut browser, remembered).await.body, expected);
}

#[tokio::test]
async fn another_request_of_the_same_user_changes_nothing() {
    let (site, _) = site(ClientChange::Report);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let theme = |session: Session| async move { session.data.set_theme("light") };
    site.visit(&mut other, theme).await;
    site.visit(&mut other, sign_in).await;
    let expected = format!("Some({AGENT:?}) Some(\"203.0.113.0/24\")");
    assert_eq!(site.visit(&mut other, remembered).await.body, expected);
}

#[tokio::test]
async fn who_authenticates_again_is_bound_to_the_client_that_they_use_now() {
    let (site, events) = site(ClientChange::Report);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let again = |session: Session| async move { session.authenticated() };
    site.visit(&mut other, again).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    events.take();
    let expected = format!("Some({OTHER_AGENT:?}) Some(\"198.51.100.0/24\")");
    assert_eq!(site.visit(&mut other, remembered).await.body, expected);
    assert!(events.take().is_empty());
    let former = client(&other, AGENT, "203.0.113.7");
    site.visit_as(&former, remembered).await;
    assert_eq!(events.take(), ["other agent", "other network"]);
}

#[tokio::test]
async fn an_authentication_that_fails_binds_nobody() {
    let (site, _) = site(ClientChange::Report);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let fail = |session: Session| async move {
        session.authenticated();
        http::StatusCode::INTERNAL_SERVER_ERROR
    };
    site.visit(&mut other, fail).await;
    let expected = format!("Some({AGENT:?}) Some(\"203.0.113.0/24\")");
    assert_eq!(site.visit(&mut other, remembered).await.body, expected);
}

#[tokio::test]
async fn another_user_is_bound_to_their_own_client_and_a_sign_out_leaves_nothing() {
    let (site, _) = site(ClientChange::Report);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let eve = |session: Session| async move { session.data.set_user("eve") };
    site.visit(&mut other, eve).await.set_cookie();
    let expected = format!("Some({OTHER_AGENT:?}) Some(\"198.51.100.0/24\")");
    assert_eq!(site.visit(&mut other, remembered).await.body, expected);
    let sign_out = |session: Session| async move {
        session.data.clear_user();
        session.data.set_theme("light");
    };
    site.visit(&mut other, sign_out).await.set_cookie();
    assert_eq!(site.visit(&mut other, remembered).await.body, "None None");
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_not_remembered_and_the_former_one_no_more() {
    let (site, _) = site(ClientChange::Report);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut silent = client(&browser, "", "");
    let again = |session: Session| async move { session.authenticated() };
    site.visit(&mut silent, again).await.set_cookie();
    assert_eq!(site.visit(&mut silent, remembered).await.body, "None None");
}

#[tokio::test]
async fn a_user_who_is_set_and_taken_back_in_one_request_leaves_no_trace() {
    let (site, events) = site(ClientChange::Report);
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    site.store.break_down(Verb::Create);
    let store = site.store.clone();
    let waver = move |session: Session| async move {
        session.data.set_user("ada");
        assert!(session.save().await.is_err());
        store.recover();
        session.data.clear_user();
        session.data.set_theme("dark");
    };
    site.visit(&mut browser, waver).await.set_cookie();
    assert_eq!(site.visit(&mut browser, remembered).await.body, "None None");
    let fields = site.stored(&browser).await.unwrap();
    assert_eq!(fields.fields().map(|(name, _)| name.to_owned()).collect::<Vec<_>>(), ["theme"]);
    events.take();
}

#[tokio::test]
async fn every_save_of_a_request_may_bind() {
    let (site, _) = site(ClientChange::Report);
    let mut browser = client(&Browser::new(), AGENT, "203.0.113.7");
    let handler = |session: Session| async move {
        sign_in(session.clone()).await;
        session.save().await.unwrap();
        session.data.agent().unwrap_or_default()
    };
    assert_eq!(site.visit(&mut browser, handler).await.body, AGENT);
    assert_eq!(site.calls(), [Verb::Create]);
}
