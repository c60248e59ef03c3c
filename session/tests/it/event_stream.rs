//! Server-sent events and other long bodies, which use their session while they are sent.

use std::convert::Infallible;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::Response;
use http_body_util::BodyExt as _;
use session::Error;
use tokio::sync::mpsc;

use crate::support::tcp::{head, listen, request};
use crate::support::{Browser, Handler, Reply, Session, Site, Verb};

type Commands = mpsc::UnboundedReceiver<&'static str>;

/// A response that responds to each command with an event, after saving a name in its session, or reloading it.
fn events(session: Session, commands: Commands) -> Response<Body> {
    let events = stream::unfold((session, commands), |(session, mut commands)| async {
        let command = commands.recv().await?;
        let done = match command.strip_prefix("save ") {
            Some(name) => {
                session.data.set_name(name);
                session.save().await
            }
            None => session.reload().await,
        };
        let event = match done {
            Ok(()) => session.data.name(),
            Err(Error::Gone) => "the session has ended".to_owned(),
            Err(other) => panic!("{other}"),
        };
        Some((Ok::<_, Infallible>(Bytes::from(format!("data: {event}\n\n"))), (session, commands)))
    });
    Response::builder().header("content-type", "text/event-stream").body(Body::from_stream(events)).unwrap()
}

/// A handler for one request, which sets a name and streams events.
fn streaming(commands: Commands) -> impl Handler<(Session,)> {
    let commands = Arc::new(Mutex::new(Some(commands)));
    move |session: Session| {
        session.data.set_name("ada");
        std::future::ready(events(session, commands.lock().unwrap().take().unwrap()))
    }
}

/// The client's end of a stream.
struct Stream {
    commands: mpsc::UnboundedSender<&'static str>,
    body: Body,
}

impl Stream {
    async fn open(site: &Site, browser: &mut Browser) -> Self {
        let (commands, receiver) = mpsc::unbounded_channel();
        let (head, body) = site.respond(browser.request(), streaming(receiver)).await.into_parts();
        browser.take_cookies(&Reply { status: head.status, headers: head.headers, body: String::new() });
        Self { commands, body }
    }

    /// Returns the event that responds to a command.
    async fn event(&mut self, command: &'static str) -> String {
        self.commands.send(command).unwrap();
        let event = self.body.frame().await.unwrap().unwrap().into_data().unwrap();
        let event = std::str::from_utf8(&event).unwrap();
        event.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_stream_begins_with_the_cookie_and_then_saves_and_reloads_its_session() {
    let site = Site::new();
    let mut browser = Browser::new();
    let mut stream = Stream::open(&site, &mut browser).await;
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.name_of(&browser).await, "ada");

    site.calls();
    assert_eq!(stream.event("save grace").await, "grace");
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(site.name_of(&browser).await, "grace");

    site.visit_as(&browser, |session: Session| async move { session.data.set_name("eve") }).await;
    site.calls();
    assert_eq!(stream.event("reload").await, "eve");
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_stream_learns_at_its_next_reload_that_its_session_has_ended_and_does_not_bring_it_back() {
    for end in [Session::destroy, Session::renew] {
        let site = Site::new();
        let mut browser = Browser::new();
        let mut stream = Stream::open(&site, &mut browser).await;
        assert_eq!(stream.event("reload").await, "ada");
        site.visit(&mut browser, move |session: Session| async move { end(&session) }).await;
        let left = site.store.len();
        assert_eq!(stream.event("reload").await, "the session has ended");
        assert_eq!(stream.event("save grace").await, "the session has ended");
        assert_eq!(site.store.len(), left);
        assert_eq!(site.name_of(&browser).await, if left == 1 { "ada" } else { "nobody" });
    }
}

/// Streams a hundred parts, and saves the progress after every tenth.
fn download(session: Session) -> Response<Body> {
    let parts = stream::unfold((session, 0u32), |(session, part)| async move {
        let part = part + 1;
        session.data.set_a(part);
        if part % 10 == 0 {
            session.save().await.unwrap();
        }
        (part <= 100).then_some((Ok::<_, Infallible>(Bytes::from_static(&[0; 1024])), (session, part)))
    });
    Response::new(Body::from_stream(parts))
}

#[tokio::test]
async fn a_long_body_writes_when_it_saves_and_what_came_after_is_lost_with_its_client_and_reported() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let handler = |session: Session| std::future::ready(download(session));
    let mut body = site.respond(browser.request(), handler).await.into_body();
    assert_eq!(site.calls(), [Verb::Load]);
    for _ in 0..25 {
        body.frame().await.unwrap().unwrap();
    }
    assert_eq!(site.calls(), [Verb::Update, Verb::Update]);
    assert_eq!(site.seen(&browser).await, "ada 20 0 0");
    drop(body);
    assert_eq!(site.seen(&browser).await, "ada 20 0 0");
    let errors = site.errors.take();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("changes to a session were dropped unsaved"), "{errors:?}");
}

#[tokio::test]
async fn a_stream_ends_with_its_connection_and_leaves_what_it_saved() {
    let site = Site::with(session::Builder::plain_http);
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let (commands, receiver) = mpsc::unbounded_channel();
    let server = listen(&site.layer, streaming(receiver)).await;
    let mut client = request(server.address, "/", &browser, &[]);
    commands.send("save grace").unwrap();
    let client = tokio::task::spawn_blocking(move || {
        let head = head(&mut client);
        assert!(head.contains("text/event-stream"), "{head}");
        let mut event = [0; 32];
        let length = client.read(&mut event).unwrap();
        assert!(length > 0);
        client
    });
    drop(client.await.unwrap());
    // The server drops the body, and with it the receiver.
    commands.closed().await;
    assert_eq!(site.name_of(&browser).await, "grace");
    assert_eq!(site.errors.take(), [""; 0]);
}
