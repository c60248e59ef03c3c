//! Handles that outlive their response, as in web sockets: a session in a cookie can no longer be written.

use std::sync::Arc;

use session::Error;

use crate::sealed::site::{FailingRevocations, Sealed, revocable, stateless};
use crate::support::handlers::destroy;
use crate::support::{Browser, Session, Verb};

/// Returns a handle whose response was sent.
async fn late(site: &Sealed, browser: &Browser) -> Session {
    let request = site.open(browser).await;
    let session = request.session.clone();
    assert!(!request.respond(200).await.has_set_cookie());
    site.calls();
    session
}

const HEADERS_SENT: &str = "the client needs a new token, but the response has already been sent; nothing was written, create, renew \
     and destroy sessions before the response";

#[tokio::test]
async fn nothing_can_be_saved_after_the_response_and_the_caller_gets_an_error() {
    let list = Arc::new(FailingRevocations::default());
    for site in [stateless(), revocable(&list)] {
        let browser = site.ada().await;
        let session = late(&site, &browser).await;
        session.data.set_name("eve");
        for _ in 0..2 {
            assert!(matches!(session.save().await, Err(Error::HeadersSent)));
            assert_eq!(site.errors.take(), [HEADERS_SENT]);
        }
        session.renew();
        assert!(matches!(session.save().await, Err(Error::HeadersSent)));
        assert_eq!(site.errors.take(), [HEADERS_SENT]);
        assert_eq!(site.calls(), []);
        drop(session);
        assert!(site.errors.take().is_empty(), "the loss was already reported");
        assert_eq!(site.name(&browser).await, "ada");
    }
}

#[tokio::test]
async fn what_only_the_client_can_end_is_not_ended_after_the_response_and_the_caller_gets_an_error() {
    let site = stateless();
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    session.destroy();
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
    assert_eq!(site.errors.take(), [HEADERS_SENT]);
    assert_eq!(site.calls(), []);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn what_the_list_ends_is_ended_after_the_response_too() {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    session.destroy();
    session.save().await.unwrap();
    assert_ne!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_save_that_came_too_late_does_not_end_the_cookie_that_the_client_has() {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    session.data.set_name("eve");
    assert!(session.save().await.is_err());
    site.errors.take();
    site.at(60);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn changes_that_nobody_saved_after_the_response_are_reported() {
    let site = stateless();
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    session.data.set_name("eve");
    drop(session);
    assert_eq!(
        site.errors.take(),
        [
            "changes to a session were dropped unsaved; call `save().await` after making them, on a `Session` kept until then"
        ]
    );
}

#[tokio::test]
async fn saving_without_changes_after_the_response_is_no_error_however_late() {
    let site = stateless();
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    site.at(1000);
    assert_eq!(session.data.name(), "ada");
    session.save().await.unwrap();
    assert_eq!(site.calls(), []);
    assert!(site.errors.take().is_empty());
    drop(session);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_session_can_be_ended_after_the_response_where_a_list_remembers_it() {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    session.destroy();
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Destroy]);
    assert_eq!(site.name(&browser).await, "nobody");
}

#[tokio::test]
async fn a_late_handle_still_sees_whether_its_session_ended_elsewhere() {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let browser = site.ada().await;
    let session = late(&site, &browser).await;
    session.reload().await.unwrap();
    site.visit_as(&browser, destroy).await;
    assert!(matches!(session.reload().await, Err(Error::Gone)));
    assert_eq!(session.data.name(), "nobody");
}

#[tokio::test]
async fn a_session_first_used_after_the_response_cannot_be_created() {
    let site = stateless();
    let session = late(&site, &Browser::new()).await;
    session.data.set_name("ada");
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
    assert_eq!(site.calls(), []);
    assert_eq!(site.errors.take(), [HEADERS_SENT]);
}
