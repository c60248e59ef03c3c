//! Stores that fail, sessions that cannot be read, and responses that cannot carry a cookie.

use http::StatusCode;
use session::SessionLayer;

use super::old_store::Outage;
use super::{Account, NOBODY, Session, USER, map, site, user, visitor, with};
use crate::support::{Browser, Site, Verb};

#[tokio::test]
async fn an_old_store_that_is_down_is_an_error_and_signs_nobody_out() {
    for outage in [Outage::Find, Outage::Replace] {
        let (old, site) = site();
        old.fail(outage);
        let mut browser = visitor();
        let reply = site.visit(&mut browser, user).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.errors.take().len(), 1);
        old.fail(Outage::None);
        assert_eq!(site.visit(&mut browser, user).await.body, USER);
    }
}

#[tokio::test]
async fn a_lost_reply_signs_nobody_out() {
    let (old, site) = site();
    old.fail(Outage::ReplyToReplace);
    let mut browser = visitor();
    assert_eq!(site.visit(&mut browser, user).await.status, StatusCode::SERVICE_UNAVAILABLE);
    old.fail(Outage::None);
    assert!(!old.has("one"), "it was replaced");
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
    assert_eq!(site.store.inner.len(), 1);
}

#[tokio::test]
async fn a_new_store_that_is_down_leaves_the_old_session() {
    let (old, site) = site();
    site.store.break_down(Verb::Create);
    let mut browser = visitor();
    assert_eq!(site.visit(&mut browser, user).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(old.has("one"));
    site.store.recover();
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_none_with_a_warning_that_does_not_quote_it() {
    let (old, site) = site();
    old.insert("type", r#"{"user_id": "secret"}"#, 600);
    old.insert("json", "secret", 600);
    for id in ["type", "json"] {
        let reply = site.visit(&mut Browser::with_cookie("old", id), user).await;
        assert_eq!((reply.body.as_str(), reply.has_set_cookie()), (NOBODY, false));
        let warnings = site.warnings.take();
        assert!(warnings[0].starts_with("a session of another library was not adopted"), "{warnings:?}");
        assert!(!warnings[0].contains("secret"));
        assert!(old.has(id));
    }
}

#[tokio::test]
async fn a_panic_of_the_mapping_is_contained() {
    let (old, _) = site();
    let site =
        Site::with(|builder| builder.adopt::<Account>(old.clone(), |_, _| panic!("a mapping that panics")));
    assert_eq!(site.visit(&mut visitor(), user).await.body, NOBODY);
    assert!(old.has("one"));
    assert_eq!(site.warnings.take().len(), 1);
}

#[tokio::test]
async fn a_failed_response_carries_the_new_cookie() {
    let (_, site) = site();
    let mut browser = visitor();
    let fail = |session: Session| async move {
        session.data.set_cart(vec![]);
        StatusCode::INTERNAL_SERVER_ERROR
    };
    site.visit(&mut browser, fail).await;
    assert_eq!(site.visit(&mut browser, user).await.body, USER, "what it wrote was not saved");
}

#[tokio::test]
async fn nothing_is_adopted_where_no_cookie_can_be_sent() {
    let (old, site) = with(|builder| builder.cookie_name("s").path("/app"));
    let mut browser = Browser { uri: "https://example.com/elsewhere".to_owned(), ..visitor() };
    assert_eq!(site.visit(&mut browser, user).await.body, NOBODY);
    assert!(old.has("one"));
    browser.uri = "https://example.com/app".to_owned();
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
}

#[tokio::test]
async fn tokens_in_a_header_alone_are_refused_with_adoption() {
    let (old, _) = site();
    let builder = SessionLayer::builder(session::MemoryStore::new()).header("x-session");
    let error = builder.adopt::<Account>(old, map).build().unwrap_err();
    assert_eq!(error, session::ConfigError::AdoptWithoutCookie);
}
