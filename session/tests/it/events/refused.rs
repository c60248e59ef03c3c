//! Events of refused tokens, on stores that keep sessions on the server.

use session::{Refusal, SessionEvent};

use super::{Session, on_each_server, recorded, refused};
use crate::support::Browser;

async fn read(session: Session) -> String {
    session.data.name()
}

fn with_token(token: &str) -> Browser {
    Browser::with_cookie("__Host-session", token)
}

#[tokio::test]
async fn a_token_that_was_made_up_is_unknown_and_one_that_is_none_malformed() {
    on_each_server!(|builder| builder, |_, site, events| {
        site.visit_as(&with_token(&"A".repeat(43)), read).await;
        assert_eq!(events.take(), [refused(Refusal::Unknown)]);
        for text in ["?", "null", &"A".repeat(42)] {
            site.visit_as(&with_token(text), read).await;
            assert_eq!(events.take(), [refused(Refusal::Malformed)], "{text}");
        }
    });
}

#[tokio::test]
async fn an_expired_session_is_known_as_such_in_memory_until_it_is_removed() {
    let (manager, site, events) = recorded(|builder| builder);
    let (browser, _) = site.signed_in("ada").await;
    events.take();
    site.at(1800);
    site.visit_as(&browser, read).await;
    assert_eq!(events.take(), [refused(Refusal::Expired)]);
    manager.sweep().await.unwrap();
    site.visit_as(&browser, read).await;
    assert_eq!(events.take(), [refused(Refusal::Unknown)]);
}

#[tokio::test]
async fn the_old_token_of_a_destroyed_or_renewed_session_is_unknown() {
    on_each_server!(|builder| builder, |_, site, events| {
        for act in [|session: &Session| session.destroy(), |session: &Session| session.renew()] {
            let (old, _) = site.signed_in("ada").await;
            site.visit_as(&old, move |session: Session| async move { act(&session) }).await;
            events.take();
            site.visit_as(&old, read).await;
            assert_eq!(events.take(), [refused(Refusal::Unknown)]);
        }
    });
}

#[tokio::test]
async fn nothing_is_refused_where_no_token_is_presented_or_no_handler_uses_the_session() {
    on_each_server!(|builder| builder, |_, site, events| {
        site.visit_as(&Browser::new(), read).await;
        site.visit_as(&with_token("?"), || async {}).await;
        assert_eq!(events.take(), []);
    });
}

#[tokio::test]
async fn a_token_is_refused_once_in_a_request_however_often_the_session_is_requested() {
    on_each_server!(|builder| builder, |_, site, events| {
        site.visit_as(&with_token("?"), |_: Session, _: Session| async {}).await;
        assert_eq!(events.take(), [refused(Refusal::Malformed)]);
    });
}

#[tokio::test]
async fn of_several_tokens_each_that_opens_nothing_is_refused_and_the_live_one_counts() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut browser, _) = site.signed_in("ada").await;
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
        events.take();
        browser.cookies.insert(0, ("__Host-session".to_owned(), "?".to_owned()));
        browser.cookies.push(("__Host-session".to_owned(), "A".repeat(43)));
        assert_eq!(site.visit_as(&browser, read).await.body, "ada");
        assert_eq!(events.take(), [refused(Refusal::Malformed), refused(Refusal::Unknown)]);
    });
}

#[tokio::test]
async fn two_live_sessions_in_one_request_are_refused_as_duplicates() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut one, _) = site.signed_in("ada").await;
        let (two, _) = site.signed_in("eve").await;
        one.cookies.extend(two.cookies);
        events.take();
        assert_eq!(site.visit_as(&one, read).await.body, "nobody");
        assert_eq!(events.take(), [refused(Refusal::Duplicate)]);
    });
}

#[tokio::test]
async fn without_http_a_token_that_finds_nothing_is_refused_and_a_reload_is_not() {
    on_each_server!(|builder| builder, |manager, _site, events| {
        assert!(manager.find("?").await.unwrap().is_none());
        assert_eq!(events.take(), [refused(Refusal::Malformed)]);
        assert!(manager.load_from(&with_token("?").request_headers()).await.unwrap().is_new());
        assert_eq!(events.take(), [refused(Refusal::Malformed)]);

        let session = manager.create().await.unwrap();
        let other = manager.get(session.token().unwrap()).await.unwrap();
        manager.destroy(&session).await.unwrap();
        events.take();
        other.reload().await.unwrap_err();
        assert_eq!(events.take(), []);
    });
}

#[tokio::test]
async fn an_outage_is_no_refusal() {
    on_each_server!(|builder| builder, |_, site, events| {
        site.store.break_down(crate::support::Verb::Load);
        assert_eq!(site.visit_as(&with_token("?"), read).await.status, 503);
        assert!(!events.take().iter().any(|event| matches!(event, SessionEvent::TokenRefused { .. })));
    });
}
