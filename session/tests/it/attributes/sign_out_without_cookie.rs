//! Sign-outs on a connection that cannot carry a new cookie.

use http::StatusCode;
use session::Store;

use super::account::Session;
use super::handover::{LEAVE, adas};
use super::on_each_server;
use crate::support::{Browser, Site, Verb};

/// A connection that cannot carry a `Secure` cookie.
fn on_plain_http(browser: &Browser) -> Browser {
    Browser { uri: "http://example.com/".to_owned(), ..browser.clone() }
}

#[tokio::test]
async fn who_leaves_where_no_new_cookie_can_travel_has_left_and_the_session_has_ended() {
    async fn on<S: Store>(site: Site<S>) {
        for status in [200, 500] {
            for leave in LEAVE {
                let browser = adas(&site).await;
                let act = move |session: &Session| {
                    leave(session);
                    StatusCode::from_u16(status).unwrap()
                };
                let reply = site.request(&mut on_plain_http(&browser), act).await;
                assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (status, false));
                assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
                assert!(site.stored(&browser).await.is_none());
                assert_eq!(site.warnings.take().len(), 1);
                assert!(site.errors.take().is_empty());
            }
        }
    }
    on_each_server!(on);
    #[cfg(feature = "cookie")]
    on(crate::sealed::site::revocable(&std::sync::Arc::default())).await;
}

#[tokio::test]
async fn what_is_set_after_a_destruction_that_no_new_cookie_can_follow_does_not_keep_the_session() {
    let site = Site::new();
    let browser = adas(&site).await;
    let act = |session: &Session| {
        session.destroy();
        session.data.set_notice("You are signed out");
    };
    let reply = site.request(&mut on_plain_http(&browser), act).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn who_saves_a_departure_where_no_new_cookie_can_travel_sees_an_empty_session() {
    let site = Site::new();
    let browser = adas(&site).await;
    let leave = |session: Session| async move {
        session.data.set_user("eve");
        session.save().await.unwrap();
        assert!(session.is_new() && session.id().is_none());
        session.data.user().unwrap_or_default()
    };
    let reply = site.visit(&mut on_plain_http(&browser), leave).await;
    assert_eq!((reply.body.as_str(), reply.has_set_cookie()), ("", false));
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
}
