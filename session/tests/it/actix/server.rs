//! Servers on free ports of the loopback interface.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use actix_web::dev::{Server, ServerHandle};
use tokio::task::JoinHandle;

use crate::support::Browser;

/// A server that runs in a task of the test.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    pub(super) fn new(address: SocketAddr, server: Server) -> Self {
        Self { address, handle: server.handle(), task: tokio::spawn(server) }
    }

    pub(super) async fn stop(self) {
        self.handle.stop(false).await;
        self.task.await.unwrap().unwrap();
    }
}

/// Connects and sends the head of a request with the browser's cookies and these further headers.
pub(super) fn request(address: SocketAddr, path: &str, browser: &Browser, headers: &[&str]) -> TcpStream {
    let cookies: Vec<_> =
        browser.cookies.iter().map(|(name, value)| format!("cookie: {name}={value}")).collect();
    let lines: Vec<_> = cookies.iter().map(String::as_str).chain(headers.iter().copied()).collect();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\n{}\r\n\r\n", lines.join("\r\n")).unwrap();
    stream
}

/// Reads the head of a response, and returns its status line and headers.
pub(super) fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

/// The value of the session cookie that a response sets.
pub(super) fn token(head: &str) -> &str {
    let (_, rest) = head.split_once("set-cookie: session=").expect("the response sets a cookie");
    rest.split(';').next().unwrap()
}
