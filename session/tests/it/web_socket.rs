//! Sessions in the task of a web socket of axum, after the handshake.

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use tokio::net::TcpListener;

use crate::support::{Session, Site, web_socket};

async fn open(session: Session, upgrade: WebSocketUpgrade) -> Response {
    session.data.set_name("handshake");
    upgrade.on_upgrade(async move |mut socket| {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            let answer = web_socket::answer(&session, &text).await;
            socket.send(Message::Text(answer.into())).await.unwrap();
        }
    })
}

#[tokio::test]
async fn a_socket_saves_and_reloads_its_session_until_another_request_ends_it() {
    let site = Site::with(session::Builder::plain_http);
    let router = Router::new().route("/", any(open)).layer(site.layer.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    web_socket::saves_and_reloads_until_another_request_ends_the_session(&site, address).await;
    server.abort();
}
