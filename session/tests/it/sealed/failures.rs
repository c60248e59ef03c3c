//! Outages of the revocation list, which make sessions unavailable.

use std::sync::Arc;

use http::StatusCode;
use session::SessionRejection;

use crate::sealed::site::{FailingRevocations, Sealed, revocable};
use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Browser, Session, Verb};

async fn with_list() -> (Arc<FailingRevocations>, Sealed, Browser) {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let browser = site.ada().await;
    (list, site, browser)
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_503_and_never_no_session() {
    let (list, site, mut browser) = with_list().await;
    list.fail_lookups(true);
    let reply = site.visit(&mut browser, async |_: Session| "the handler ran").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be loaded: the session store is unavailable, check that it runs and can be reached: the list is away"
        ]
    );
    list.fail_lookups(false);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_route_may_go_on_with_a_session_that_is_unavailable_and_not_empty() {
    let (list, site, mut browser) = with_list().await;
    list.fail_lookups(true);
    let degrade = |session: Result<Session, SessionRejection>| async move {
        assert!(matches!(session, Err(SessionRejection::Unavailable(_))));
        "degraded"
    };
    let reply = site.visit(&mut browser, degrade).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "degraded"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn what_does_not_open_and_who_has_no_cookie_needs_no_list() {
    let (list, site, _) = with_list().await;
    list.fail_lookups(true);
    list.fail_writes(true);
    assert_eq!(site.name(&Browser::with_cookie("__Host-session", "AQIDBA")).await, "nobody");
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await.set_cookie();
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_write_that_the_list_cannot_note_is_503_and_the_previous_cookie_still_opens() {
    let (list, site, mut browser) = with_list().await;
    list.fail_writes(true);
    let rename = async |session: Session| session.data.set_name("eve");
    let reply = site.visit(&mut browser, rename).await;
    assert_eq!(reply.status, 503);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be saved, unless only the answer was lost; call `reload().await` before repeating what must not happen twice: the session store is unavailable, check that it runs and can be reached: the list is away"
        ]
    );
    assert_eq!(site.visit(&mut browser, renew).await.status, 503);
    assert_eq!(site.errors.take().len(), 1);
    site.calls();
    assert_eq!(site.name(&browser).await, "ada");
    list.fail_writes(false);
    site.visit(&mut browser, rename).await.set_cookie();
    assert_eq!(site.name(&browser).await, "eve");
}

#[tokio::test]
async fn a_destruction_that_the_list_cannot_note_is_503_and_still_makes_the_browser_forget() {
    let (list, site, mut browser) = with_list().await;
    let copy = browser.clone();
    list.fail_writes(true);
    let reply = site.visit(&mut browser, destroy).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.set_cookie().value(), "");
    assert!(browser.cookies.is_empty());
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be destroyed and may still be alive; try again: the session store is unavailable, check that it runs and can be reached: the list is away"
        ]
    );
    site.calls();
    assert_eq!(site.name(&copy).await, "ada", "it may still be alive");
}

#[tokio::test]
async fn a_touch_that_the_list_hinders_leaves_the_response_as_it_is() {
    let (list, site, mut browser) = with_list().await;
    site.at(1000);
    let read_and_cut_off = {
        let list = Arc::clone(&list);
        async move |session: Session| {
            list.fail_lookups(true);
            read(session).await
        }
    };
    let reply = site.visit(&mut browser, read_and_cut_off).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ada"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(site.errors.take().len(), 1);
}
