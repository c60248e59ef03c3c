//! Events of refused sealed cookies, whose reasons must be hidden from clients.

use std::sync::Arc;

use session::{Refusal, SessionManager, Store};

use super::{Events, Person, Session, recorded_on, refused};
use crate::sealed::site::FailingRevocations;
use crate::support::{Browser, Reply, Site, SpyStore};

type Sealed = Site<session::CookieStore>;

fn sealed(revocable: bool) -> (SessionManager<Person>, Sealed, Events) {
    let builder = session::CookieStore::builder(crate::sealed::site::key(1), "shop");
    let store = if revocable {
        builder.revocable(Arc::new(FailingRevocations::default()))
    } else {
        builder.stateless()
    };
    recorded_on(SpyStore::over(store.unwrap()), |builder| builder)
}

async fn read(session: Session) -> String {
    session.data.name()
}

/// The browser with one character of its cookie changed.
fn tampered(browser: &Browser) -> Browser {
    let mut browser = browser.clone();
    let text = &mut browser.cookies[0].1;
    let changed = if text.as_bytes()[100] == b'A' { "B" } else { "A" };
    text.replace_range(100..=100, changed);
    browser
}

/// Returns everything that a client sees of a reply.
fn seen(reply: &Reply) -> (u16, String, http::HeaderMap) {
    (reply.status.as_u16(), reply.body.clone(), reply.headers.clone())
}

async fn assert_refused<S: Store>(site: &Site<S>, events: &Events, browser: &Browser, reason: Refusal) {
    events.take();
    let unknown = site.visit_as(&Browser::with_cookie("__Host-session", "?"), read).await;
    events.take();
    let reply = site.visit_as(browser, read).await;
    assert_eq!(events.take(), [refused(reason)]);
    assert_eq!(seen(&reply), seen(&unknown), "the client learns nothing of the reason");
}

#[tokio::test]
async fn a_cookie_with_a_changed_character_is_tampered_with() {
    for revocable in [false, true] {
        let (_, site, events) = sealed(revocable);
        let (browser, _) = site.signed_in("ada").await;
        assert_refused(&site, &events, &tampered(&browser), Refusal::Tampered).await;
    }
}

#[tokio::test]
async fn text_that_is_no_sealed_cookie_is_malformed() {
    let (_, site, events) = sealed(false);
    let browser = Browser::with_cookie("__Host-session", &"A".repeat(43));
    assert_refused(&site, &events, &browser, Refusal::Malformed).await;
}

#[tokio::test]
async fn an_expired_cookie_is_expired() {
    for revocable in [false, true] {
        let (_, site, events) = sealed(revocable);
        let (browser, _) = site.signed_in("ada").await;
        site.at(1800);
        assert_refused(&site, &events, &browser, Refusal::Expired).await;
        assert_refused(&site, &events, &tampered(&browser), Refusal::Tampered).await;
    }
}

#[tokio::test]
async fn a_cookie_of_a_session_that_was_ended_renewed_or_logged_out_everywhere_is_revoked() {
    let (manager, site, events) = sealed(true);
    for act in [|session: &Session| session.destroy(), |session: &Session| session.renew()] {
        let (old, _) = site.signed_in("ada").await;
        site.visit_as(&old, move |session: Session| async move { act(&session) }).await;
        assert_refused(&site, &events, &old, Refusal::Revoked).await;
    }
    let (browser, _) = site.signed_in("ada").await;
    events.take();
    assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 0, "the sessions are not known");
    assert_eq!(events.take(), []);
    assert_refused(&site, &events, &browser, Refusal::Revoked).await;
}

#[tokio::test]
async fn a_sealed_session_signs_in_and_out_like_any_other() {
    use session::{EndReason, SessionEvent};

    for revocable in [false, true] {
        let (_, site, events) = sealed(revocable);
        let (mut browser, id) = site.signed_in("ada").await;
        assert_eq!(events.take(), [SessionEvent::Started { id }, SessionEvent::SignedIn { id }]);
        site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
        let ended = SessionEvent::Ended { id, how: EndReason::Destroyed };
        assert_eq!(events.take(), [SessionEvent::SignedOut { id }, ended]);
    }
}
