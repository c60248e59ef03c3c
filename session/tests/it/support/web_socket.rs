//! A session in the task of a web socket, after the handshake: the client, and what both frameworks do.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use session::Error;
use tokio::task::spawn_blocking;

use super::tcp::{head, request};
use super::{Browser, Session, Site, Verb};

const HANDSHAKE: [&str; 4] = [
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// Saves a name in the session, or reloads it, as a text says. Returns the name.
pub(crate) async fn answer(session: &Session, text: &str) -> String {
    let done = match text.strip_prefix("save ") {
        Some(name) => {
            session.data.set_name(name);
            session.save().await
        }
        None => session.reload().await,
    };
    match done {
        Ok(()) => session.data.name(),
        Err(Error::Gone) => "the session has ended".to_owned(),
        Err(other) => panic!("{other}"),
    }
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

/// Opens a socket whose handler sets a name, and answers texts by [`answer`].
pub(crate) async fn saves_and_reloads_until_another_request_ends_the_session(
    site: &Site,
    address: SocketAddr,
) {
    let (socket, head) = spawn_blocking(move || Socket::open(address, &Browser::new())).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let (_, cookie) = head.split_once("set-cookie: session=").expect("the response sets a cookie");
    let browser = Browser::with_cookie("session", cookie.split(';').next().unwrap());
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
}
