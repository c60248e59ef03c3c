//! Servers of one handler on free ports of the loopback interface, and raw HTTP requests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use axum::Router;
use axum::routing::any;
use session::{SessionLayer, SessionMiddleware};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::Browser;
use super::framework::Framework;
use super::handler::{AnyHandler, Arguments, Handler};

/// A server that runs until it is dropped.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    server: Server,
}

enum Server {
    Axum(AbortHandle),
    Actix(ServerHandle),
}

/// Serves a handler behind the layer, in the chosen framework. A request whose client closes the connection is dropped.
pub(crate) async fn listen<Args: Arguments>(layer: &SessionLayer, handler: impl Handler<Args>) -> Listening {
    let handler = handler.into_any();
    match Framework::chosen() {
        Framework::Axum => in_axum(layer, handler).await,
        Framework::Actix => in_actix(layer, handler, false),
    }
}

async fn in_axum<Args: Arguments>(layer: &SessionLayer, handler: AnyHandler<Args>) -> Listening {
    let router = Router::new().fallback(any(move |args: Args| handler.call(args))).layer(layer.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Listening { address, server: Server::Axum(task.abort_handle()) }
}

/// Serves a handler in actix-web, which by default, that is with `allow_half_closed`, completes requests of clients that have
/// gone away.
pub(crate) fn in_actix<Args: Arguments>(
    layer: &SessionLayer,
    handler: AnyHandler<Args>,
    allow_half_closed: bool,
) -> Listening {
    let sessions: SessionMiddleware = layer.clone().into();
    let app = move || App::new().default_service(web::to(handler.clone())).wrap(sessions.clone());
    let server = HttpServer::new(app).workers(1).disable_signals().h1_allow_half_closed(allow_half_closed);
    let server = server.bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    Listening { address, server: Server::Actix(handle) }
}

impl Drop for Listening {
    fn drop(&mut self) {
        match &self.server {
            Server::Axum(task) => task.abort(),
            Server::Actix(handle) => drop(handle.stop(false)),
        }
    }
}

/// Connects and sends the head of a request with the browser's cookies and these further headers.
pub(crate) fn request(address: SocketAddr, path: &str, browser: &Browser, headers: &[&str]) -> TcpStream {
    let cookies: Vec<_> =
        browser.cookies.iter().map(|(name, value)| format!("cookie: {name}={value}\r\n")).collect();
    let headers: Vec<_> = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let mut stream = TcpStream::connect(address).unwrap();
    let lines = [cookies, headers].concat().concat();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\n{lines}\r\n").unwrap();
    stream
}

/// Reads the head of a response, and returns its status line and headers.
pub(crate) fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}
