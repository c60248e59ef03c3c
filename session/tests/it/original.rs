//! Regression tests for the known faults of the original library.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use http_body_util::{BodyExt as _, Full};
use session::{Error, SessionRejection};
use tokio::sync::{Barrier, Notify};

use crate::support::{Browser, Log, Reply, Session, Site, Verb};

#[tokio::test]
async fn a_request_without_a_cookie_never_becomes_the_previous_visitor() {
    let site = Site::new();
    let ada = site.visitor("ada").await;
    for stranger in
        [Browser::new(), Browser::with_cookie("__Host-session", ""), Browser::with_cookie("a", "b")]
    {
        assert_eq!(site.name_of(&ada).await, "ada");
        assert_eq!(site.name_of(&stranger).await, "nobody");
    }
    let mut stranger = Browser::new();
    site.visit(&mut stranger, |session: Session| async move { session.data.set_visits(1u64) }).await;
    assert_eq!(site.name_of(&stranger).await, "nobody");
    assert_eq!(site.name_of(&ada).await, "ada");
    assert_eq!(site.store.len(), 2);
}

#[tokio::test]
async fn requests_that_overlap_have_each_their_own_session() {
    let site = Site::new();
    let mut browsers = Vec::new();
    for name in ["ada", "grace", "joan"] {
        browsers.push(site.visitor(name).await);
    }
    let all_loaded = Arc::new(Barrier::new(3));
    let handler = move |session: Session| async move {
        let name = session.data.name();
        all_loaded.wait().await;
        session.data.set_user(name.clone());
        all_loaded.wait().await;
        format!("{name} {} {}", session.data.name(), session.data.user().unwrap())
    };
    let (ada, grace, joan) = tokio::join!(
        site.visit_as(&browsers[0], handler.clone()),
        site.visit_as(&browsers[1], handler.clone()),
        site.visit_as(&browsers[2], handler),
    );
    assert_eq!([ada.body, grace.body, joan.body], ["ada ada ada", "grace grace grace", "joan joan joan"]);
}

#[tokio::test]
async fn an_expired_session_is_not_accepted() {
    let (manager, site) = Site::managed(|builder| builder);
    let mut browser = site.visitor("ada").await;
    let session = manager.get(browser.token()).await.unwrap();
    site.at(1800);
    assert_eq!(site.store.len(), 1, "its bytes are still there");
    assert!(!session.is_valid());
    assert_eq!(site.name_of(&browser).await, "nobody");
    assert!(matches!(manager.get(browser.token()).await, Err(Error::NotFound)));
    site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(site.name_of(&browser).await, "nobody");
    session.data.set_visits(1u64);
    assert!(matches!(session.save().await, Err(Error::Gone)));
}

#[tokio::test]
async fn a_request_that_writes_while_its_user_logs_out_does_not_revive_the_session() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let (loaded, logged_out) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let write = {
        let (loaded, logged_out) = (Arc::clone(&loaded), Arc::clone(&logged_out));
        move |session: Session| async move {
            session.data.set_name("grace");
            loaded.notify_one();
            logged_out.notified().await;
        }
    };
    let log_out = async {
        loaded.notified().await;
        let reply = site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
        logged_out.notify_one();
        reply
    };
    let (written, logged_out) = tokio::join!(site.visit_as(&browser, write), log_out);
    assert_eq!((written.status.as_u16(), logged_out.status.as_u16()), (200, 200));
    assert!(!written.has_set_cookie());
    assert_eq!(logged_out.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load, Verb::Load, Verb::Destroy, Verb::Update]);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn a_write_after_logging_out_in_the_same_request_does_not_revive_the_session() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let old = browser.clone();
    site.visit(&mut browser, |session: Session| async move {
        session.destroy();
        session.save().await.unwrap();
        session.data.set_visits(1u64);
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
    assert_ne!(browser.token(), old.token());
    assert_eq!(site.name_of(&old).await, "nobody");
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn what_one_visitor_is_shown_once_is_not_shown_to_the_next() {
    let site = Site::new();
    let mut ada = Browser::new();
    site.visit(&mut ada, |session: Session| async move { session.data.set_notice("welcome, ada") }).await;
    let notice = |session: Session| async move { session.data.take_notice().unwrap_or_default() };
    assert_eq!(site.visit(&mut Browser::new(), notice).await.body, "");
    assert_eq!(site.visit(&mut ada, notice).await.body, "welcome, ada");
    assert_eq!(site.visit(&mut Browser::new(), notice).await.body, "");
    assert_eq!(site.visit(&mut ada, notice).await.body, "");
}

#[tokio::test]
async fn ending_a_session_calls_the_listener_for_its_end_and_no_other() {
    let log = Log::default();
    let (started, deleted) = (log.clone(), log.clone());
    let (_, site) = Site::managed(|builder| {
        builder
            .on_started(move |_, _| started.push("started".to_owned()))
            .on_deleted(move |_, data| deleted.push(format!("deleted {}", data.name())))
    });
    let mut browser = site.visitor("ada").await;
    assert_eq!(log.take(), ["started"]);
    site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(log.take(), ["deleted ada"]);
}

#[tokio::test]
async fn a_streamed_response_has_its_cookie_in_the_head() {
    let site = Site::new();
    let read_on = Arc::new(Notify::new());
    let handler = {
        let read_on = Arc::clone(&read_on);
        move |session: Session| async move {
            session.data.set_name("ada");
            Body::new(Full::from("streamed").with_trailers(async move {
                read_on.notified().await;
                None::<Result<_, Infallible>>
            }))
        }
    };
    let response = site.respond(Browser::new().request(), handler).await;
    assert!(response.headers().contains_key("set-cookie"));
    assert_eq!(site.calls(), [Verb::Create]);
    read_on.notify_one();
    let reply = Reply::read(response).await;
    assert_eq!(reply.body, "streamed");
    let mut browser = Browser::new();
    browser.take_cookies(&reply);
    assert_eq!(site.name_of(&browser).await, "ada");
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_session_that_begins_after_the_head_has_left_is_an_error_and_not_a_lost_cookie() {
    let site = Site::new();
    let handler = |session: Session| async move {
        Body::new(Full::from("streamed").with_trailers(async move {
            session.data.set_name("ada");
            assert!(matches!(session.save().await, Err(Error::HeadersSent)));
            None::<Result<_, Infallible>>
        }))
    };
    let reply = site.visit(&mut Browser::new(), handler).await;
    assert_eq!(reply.body, "streamed");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.errors.take(), [Error::HeadersSent.to_string()]);
}

#[tokio::test]
async fn a_tampered_cookie_is_answered_like_none_and_the_next_write_replaces_it() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    for position in 0..browser.token().len() {
        let mut tampered = browser.token().as_bytes().to_vec();
        tampered[position] = if tampered[position] == b'A' { b'B' } else { b'A' };
        let mut tampered = Browser::with_cookie("__Host-session", str::from_utf8(&tampered).unwrap());
        let read = |session: Session| async move { session.data.name() };
        let reply = site.visit(&mut tampered, read).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"));
        assert!(!reply.has_set_cookie());
    }
    assert_eq!(site.errors.take(), [""; 0]);
    assert_eq!(site.store.len(), 1);

    let mut tampered = Browser::with_cookie("__Host-session", &browser.token()[1..]);
    site.visit(&mut tampered, |session: Session| async move { session.data.set_name("grace") }).await;
    assert_eq!(site.name_of(&tampered).await, "grace");
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn an_outage_is_not_an_empty_session() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.store.break_down(Verb::Load);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("grace");
            "the handler ran"
        })
        .await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.body, "");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be loaded: the session store is unavailable, check that it runs and can be reached: connection refused"
        ]
    );

    let degraded = |session: Result<Session, SessionRejection>| async move {
        assert!(matches!(session, Err(SessionRejection::Unavailable(_))));
    };
    let reply = site.visit(&mut browser, degraded).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    site.store.recover();
    assert_eq!(site.name_of(&browser).await, "ada");
    assert_eq!(site.store.len(), 1);
}
