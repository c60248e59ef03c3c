//! The application in poem.
#![expect(clippy::needless_pass_by_value, reason = "arguments of handlers")]

use std::net::SocketAddr;

use examples::adapters::poem::{Extract, Sessions};
use poem::http::StatusCode;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::Data;
use poem::{Body, EndpointExt as _, Route, Server, get, handler, post};

use super::site::{self, Account, Handlers, visit_in_body};

pub(super) async fn start(handlers: Handlers) -> SocketAddr {
    let app = Route::new()
        .at("/", get(visit))
        .at("/untouched", get(untouched))
        .at("/failed", get(failed))
        .at("/sign-in", post(sign_in))
        .at("/sign-out", post(sign_out))
        .at("/everybody-out", post(everybody_out))
        .at("/stream", get(stream))
        .at("/task", get(task))
        .with(Sessions(handlers.sessions.clone()))
        .data(handlers);
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
    address
}

#[handler]
fn visit(Extract(session): Extract<Account>) -> String {
    site::visit(&session)
}

#[handler]
fn untouched() -> &'static str {
    "untouched"
}

#[handler]
fn failed(Extract(session): Extract<Account>) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, site::visit(&session))
}

#[handler]
fn sign_in(Extract(session): Extract<Account>) {
    site::sign_in(&session);
}

#[handler]
fn sign_out(Extract(session): Extract<Account>) {
    session.destroy();
}

#[handler]
async fn everybody_out(handlers: Data<&Handlers>, Extract(session): Extract<Account>) -> String {
    handlers.sign_everybody_out(&session).await
}

#[handler]
fn stream(Extract(session): Extract<Account>) -> Body {
    Body::from_bytes_stream(visit_in_body(session))
}

#[handler]
fn task(handlers: Data<&Handlers>, Extract(session): Extract<Account>) {
    handlers.hand_over(session);
}
