//! An old session is continued by one session, and by no other afterwards.

use std::sync::{Arc, Mutex};

use session::SessionEvent;
use session::adopt::OldSessions as _;

use super::{NOBODY, Session, USER, old_store::OldStore, site, user, visitor, with};
use crate::support::{Browser, Verb};

#[tokio::test]
async fn the_first_request_with_the_old_cookie_gets_a_session_with_its_values() {
    let (old, site) = site();
    let mut browser = visitor();
    let reply = site.visit(&mut browser, user).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, USER));
    assert_eq!(browser.cookies.len(), 1, "the old cookie was removed");
    assert_ne!(browser.cookies[0].0, "old");
    assert!(!old.has("one"));
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
    assert_eq!(site.calls(), [Verb::Create, Verb::Load]);
}

#[tokio::test]
async fn a_request_with_a_live_session_does_not_ask_the_old_store() {
    let (old, site) = site();
    let mut browser = visitor();
    site.visit(&mut browser, user).await;
    old.take_lookups();
    browser.cookies.push(("old".to_owned(), "two".to_owned()));
    old.insert("two", r#"{"user_id": 8}"#, 600);
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
    assert_eq!(old.take_lookups(), 0);
    assert!(old.has("two"));
}

#[tokio::test]
async fn a_handler_that_does_not_use_the_session_adopts_nothing() {
    let (old, site) = site();
    let reply = site.visit(&mut visitor(), || async {}).await;
    assert!(!reply.has_set_cookie());
    assert!(old.has("one"));
    assert_eq!(old.take_lookups(), 0);
}

#[tokio::test]
async fn the_old_cookie_is_nothing_after_a_sign_out() {
    let (_, site) = site();
    let mut browser = visitor();
    site.visit(&mut browser, user).await;
    site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(site.visit(&mut visitor(), user).await.body, NOBODY);
}

#[tokio::test]
async fn signing_out_with_the_first_request_ends_both_sessions_and_removes_both_cookies() {
    for clears in [false, true] {
        let (old, site) = site();
        let mut browser = visitor();
        let sign_out = move |session: Session| async move {
            if clears { session.data.clear_user() } else { session.destroy() }
        };
        site.visit(&mut browser, sign_out).await;
        assert!(!old.has("one"));
        assert!(browser.cookies.iter().all(|(name, _)| name != "old"));
        assert_eq!(site.visit(&mut browser, user).await.body, NOBODY);
        assert_eq!(site.visit(&mut visitor(), user).await.body, NOBODY);
    }
}

#[tokio::test]
async fn the_old_cookie_is_nothing_after_the_session_got_another_token() {
    let (_, site) = site();
    let mut browser = visitor();
    site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
    assert_eq!(site.visit(&mut visitor(), user).await.body, NOBODY);
}

#[tokio::test]
async fn unknown_and_expired_old_sessions_are_not_adopted() {
    let (old, site) = site();
    assert_eq!(site.visit(&mut Browser::with_cookie("old", "two"), user).await.body, NOBODY);
    site.at(600);
    let reply = site.visit(&mut visitor(), user).await;
    assert_eq!(reply.body, NOBODY);
    assert!(!reply.has_set_cookie());
    assert!(old.has("one"), "nothing was changed");
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn an_old_session_without_values_to_take_is_left_as_it_is() {
    let (old, site) = site();
    old.insert("empty", r#"{"locale": "de"}"#, 600);
    let reply = site.visit(&mut Browser::with_cookie("old", "empty"), user).await;
    assert_eq!(reply.body, NOBODY);
    assert!(old.has("empty") && !reply.has_set_cookie());
}

#[tokio::test]
async fn an_adopted_session_is_reported_as_started_and_adopted_but_not_as_a_sign_in() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&events);
    let (_, site) = with(|builder| builder.on_event(move |event| log.lock().unwrap().push(*event)));
    site.visit(&mut visitor(), user).await;
    let events = events.lock().unwrap();
    let [SessionEvent::Started { id }, SessionEvent::Adopted { id: adopted }] = events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(id, adopted);
}

#[tokio::test]
async fn a_manager_adopts_sessions_too() {
    let old = OldStore::default();
    old.insert("one", r#"{"user_id": 7}"#, 600);
    assert_eq!(
        format!("{:?}", old.cookie()),
        r#"OldCookie { name: "old", path: "/", domain: Some("example.com"), .. }"#
    );
    let manager = session::SessionManager::<super::Account>::builder(session::MemoryStore::new())
        .clock(session::ManualClock::starting_at(crate::support::T0))
        .adopt::<super::Account>(old, super::map)
        .build()
        .unwrap();
    let session = manager.load_from(&visitor().request_headers()).await.unwrap();
    assert_eq!(session.data.user(), Some(7));
    let mut headers = http::HeaderMap::new();
    session.set_cookies(&mut headers);
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
}
