//! Servers on free ports of the loopback interface.

use std::net::SocketAddr;

use actix_web::dev::{Server, ServerHandle};
use tokio::task::JoinHandle;

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

/// The value of the session cookie that a response sets.
pub(super) fn token(head: &str) -> &str {
    let (_, rest) = head.split_once("set-cookie: session=").expect("the response sets a cookie");
    rest.split(';').next().unwrap()
}
