//! Sessions in the task of a web socket, after the handshake.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::Message;
use session::Error;
use tokio::task::spawn_blocking;

use super::server::{Running, token};
use super::sessions;
use crate::support::tcp::{head, request};
use crate::support::{Browser, Session, Site, Verb};

const HANDSHAKE: [&str; 4] = [
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// Opens a socket that saves a name in its session, or reloads the session and says the name.
async fn open(
    session: Session,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, mut socket, mut messages) = actix_ws::handle(&request, body)?;
    session.data.set_name("handshake");
    actix_web::rt::spawn(async move {
        while let Some(Ok(Message::Text(text))) = messages.recv().await {
            let answer = match text.strip_prefix("save ") {
                Some(name) => {
                    session.data.set_name(name);
                    session.save().await
                }
                None => session.reload().await,
            };
            let answer = match answer {
                Ok(()) => session.data.name(),
                Err(Error::Gone) => "the session has ended".to_owned(),
                Err(other) => panic!("{other}"),
            };
            socket.text(answer).await.unwrap();
        }
    });
    Ok(response)
}

/// A client's end of a web socket.
struct Socket(TcpStream);

impl Socket {
    /// Opens a socket, and returns it with the head of the response.
    fn open(address: SocketAddr, browser: &Browser) -> (Self, String) {
        let mut stream = request(address, "/", browser, &HANDSHAKE);
        let head = head(&mut stream);
        (Self(stream), head)
    }

    /// Sends a text of less than 126 bytes in one frame, masked by zeros, and returns the text that comes back.
    async fn say(self, text: &'static str) -> (Self, String) {
        let exchange = move || {
            let Self(mut stream) = self;
            let length = u8::try_from(text.len()).unwrap();
            stream.write_all(&[&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()).unwrap();
            let mut start = [0; 2];
            stream.read_exact(&mut start).unwrap();
            assert_eq!(start[0], 0x81, "a text in one frame");
            let mut answer = vec![0; start[1].into()];
            stream.read_exact(&mut answer).unwrap();
            (Self(stream), String::from_utf8(answer).unwrap())
        };
        spawn_blocking(exchange).await.unwrap()
    }
}

#[tokio::test]
async fn a_socket_saves_and_reloads_its_session_until_another_request_ends_it() {
    let site = Site::with(session::Builder::plain_http);
    let sessions = sessions(&site);
    let app = move || App::new().route("/", web::get().to(open)).wrap(sessions.clone());
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let server = Running::new(server.addrs()[0], server.run());

    let address = server.address;
    let (socket, head) = spawn_blocking(move || Socket::open(address, &Browser::new())).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let browser = Browser::with_cookie("session", token(&head));
    assert_eq!(site.calls(), [Verb::Create]);

    let (socket, answer) = socket.say("save ada").await;
    assert_eq!(answer, "ada");
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(site.name_of(&browser).await, "ada");

    site.visit_as(&browser, |session: Session| async move { session.data.set_name("grace") }).await;
    let (socket, answer) = socket.say("reload").await;
    assert_eq!(answer, "grace");

    site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
    let (_, answer) = socket.say("reload").await;
    assert_eq!(answer, "the session has ended");
    assert_eq!(site.store.len(), 0);
    server.stop().await;
}
