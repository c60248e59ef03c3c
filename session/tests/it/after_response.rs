//! Use of sessions during and after the response: streams, server-sent events, web sockets.

use axum::body::{Body, Bytes};
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use session::Error;
use tokio::sync::mpsc;

use crate::support::handlers::{read, write};
use crate::support::{Bag, Browser, Incoming, Reply, Session, Site, Verb, seconds};

const HEADERS_SENT: &str = "the client needs a new token, but the response has already been sent; nothing was written, create, renew \
     and destroy sessions before the response";

/// Sends a request, and returns the reply and the session of its handler, as a task of a web socket would keep it.
async fn leave<F>(site: &Site, browser: &Browser, status: StatusCode, prepare: F) -> (Reply, Session)
where
    F: FnOnce(&Session) + Clone + Send + Sync + 'static,
{
    let (sender, mut sessions) = mpsc::channel(1);
    let handler = move |session: Session| async move {
        prepare(&session);
        sender.try_send(session).unwrap();
        status
    };
    let reply = site.visit_as(browser, handler).await;
    (reply, sessions.try_recv().unwrap())
}

async fn visitor(site: &Site) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    site.calls();
    browser
}

#[tokio::test(start_paused = true)]
async fn a_stream_starts_before_its_body_is_complete_and_its_head_carries_the_cookie() {
    let site = Site::new();
    let (sender, mut senders) = mpsc::channel::<Sender<Bytes>>(1);
    let handler = move |session: Session| async move {
        session.data.set_name("ada");
        let (events, body) = Channel::<Bytes>::new(1);
        sender.try_send(events).unwrap();
        Response::builder().header("content-type", "text/event-stream").body(Body::new(body)).unwrap()
    };
    // The body never ends, so a layer that waited for it would hang.
    let response = tokio::time::timeout(seconds(1), site.respond(Browser::new().request(), handler));
    let response = response.await.expect("the head does not wait for the body");
    assert!(response.headers()["set-cookie"].to_str().unwrap().starts_with("__Host-session="));
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(site.calls(), [Verb::Create]);

    let mut events = senders.try_recv().unwrap();
    let mut body = response.into_body();
    for event in ["data: 1\n\n", "data: 2\n\n"] {
        events.send_data(Bytes::from(event)).await.unwrap();
        let frame = tokio::time::timeout(seconds(1), body.frame()).await.expect("events are not held back");
        assert_eq!(frame.unwrap().unwrap().into_data().unwrap(), event);
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_handshake_carries_the_cookie_and_the_socket_goes_on_with_the_session() {
    let site = Site::new();
    let mut browser = Browser::new();
    let (reply, session) =
        leave(&site, &browser, StatusCode::SWITCHING_PROTOCOLS, |session| session.data.set_name("ada")).await;
    assert_eq!(reply.status, StatusCode::SWITCHING_PROTOCOLS);
    browser.take_cookies(&reply);
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Create]);

    assert_eq!(session.data.name(), "ada");
    session.data.set_name("grace");
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(site.visit(&mut browser, read).await.body, "grace");
    drop(session);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_socket_sees_what_others_wrote_when_it_reloads() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (_, session) = leave(&site, &browser, StatusCode::SWITCHING_PROTOCOLS, |_| ()).await;
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("grace") }).await;
    assert_eq!(session.data.name(), "ada");
    session.reload().await.unwrap();
    assert_eq!(session.data.name(), "grace");
}

#[tokio::test]
async fn a_session_cannot_be_created_after_the_response() {
    let site = Site::new();
    let (reply, session) = leave(&site, &Browser::new(), StatusCode::OK, |_| ()).await;
    assert!(!reply.has_set_cookie());
    session.data.set_name("ada");
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
    assert_eq!(site.errors.take(), [HEADERS_SENT]);
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_session_first_used_after_the_response_cannot_be_created_either() {
    let site = Site::new();
    let (sender, mut requests) = mpsc::channel::<Incoming>(1);
    let keep = move |request: Incoming| async move { sender.try_send(request).unwrap() };
    assert!(!site.visit(&mut Browser::new(), keep).await.has_set_cookie());

    let session = requests.try_recv().unwrap().session::<Bag>().await.unwrap();
    session.data.set_name("ada");
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
    assert_eq!(site.errors.take(), [HEADERS_SENT]);
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_session_that_exists_can_be_loaded_and_changed_after_the_response() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (sender, mut requests) = mpsc::channel::<Incoming>(1);
    let keep = move |request: Incoming| async move { sender.try_send(request).unwrap() };
    site.visit(&mut browser, keep).await;
    assert_eq!(site.calls(), []);

    let session = requests.try_recv().unwrap().session::<Bag>().await.unwrap();
    session.data.set_name("grace");
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(site.visit(&mut browser, read).await.body, "grace");
}

#[tokio::test]
async fn a_session_cannot_be_renewed_after_the_response_and_its_token_stays_good() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (_, session) = leave(&site, &browser, StatusCode::OK, |_| ()).await;
    site.calls();
    session.renew();
    assert!(matches!(session.save().await, Err(Error::HeadersSent)));
    assert_eq!(site.errors.take(), [HEADERS_SENT]);
    assert_eq!(site.calls(), []);
    assert_eq!(site.visit(&mut browser, read).await.body, "ada");
}

#[tokio::test]
async fn a_session_can_be_destroyed_after_the_response() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (_, session) = leave(&site, &browser, StatusCode::OK, |_| ()).await;
    site.calls();
    session.destroy();
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Destroy]);
    assert_eq!(site.visit(&mut browser, read).await.body, "nobody");
    drop(session);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_change_after_the_response_that_nobody_saves_is_an_error_and_not_a_write() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (_, session) = leave(&site, &browser, StatusCode::OK, |_| ()).await;
    session.data.set_name("grace");
    site.calls();
    drop(session);
    assert_eq!(
        site.errors.take(),
        [
            "changes to a session were dropped unsaved; call `save().await` after making them, on a `Session` kept until then"
        ]
    );
    assert_eq!(site.calls(), []);
    assert_eq!(site.visit(&mut browser, read).await.body, "ada");
}

#[tokio::test]
async fn a_session_destroyed_elsewhere_is_not_brought_back_by_its_socket() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (_, session) = leave(&site, &browser, StatusCode::SWITCHING_PROTOCOLS, |_| ()).await;
    site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    site.calls();
    session.data.set_name("grace");
    assert!(matches!(session.save().await, Err(Error::Gone)));
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_session_used_by_two_tasks_after_the_response_keeps_both_changes() {
    let site = Site::new();
    let browser = visitor(&site).await;
    let (_, session) = leave(&site, &browser, StatusCode::OK, |_| ()).await;
    let (one, other) = (session.clone(), session.clone());
    let first = async {
        one.data.set_a(1u32);
        one.save().await
    };
    let second = async {
        other.data.set_b(2u32);
        other.save().await
    };
    let (first, second) = tokio::join!(first, second);
    first.unwrap();
    second.unwrap();
    let sum = |session: Session| async move { (session.data.a() * 10 + session.data.b()).to_string() };
    assert_eq!(site.visit_as(&browser, sum).await.body, "12");
}

#[tokio::test]
async fn the_next_request_is_not_kept_waiting_by_a_stream_that_still_holds_the_session() {
    let site = Site::new();
    let mut browser = visitor(&site).await;
    let (_, _session) = leave(&site, &browser, StatusCode::OK, |_| ()).await;
    let reply = site.visit(&mut browser, write).await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.visit(&mut browser, read).await.body, "ada");
}
