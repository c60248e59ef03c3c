//! Sessions in the task of a web socket, after the handshake.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::Message;

use super::server::Running;
use super::sessions;
use crate::support::{Session, Site, web_socket};

async fn open(
    session: Session,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, mut socket, mut messages) = actix_ws::handle(&request, body)?;
    session.data.set_name("handshake");
    actix_web::rt::spawn(async move {
        while let Some(Ok(Message::Text(text))) = messages.recv().await {
            socket.text(web_socket::answer(&session, &text).await).await.unwrap();
        }
    });
    Ok(response)
}

#[tokio::test]
async fn a_socket_saves_and_reloads_its_session_until_another_request_ends_it() {
    let site = Site::with(session::Builder::plain_http);
    let sessions = sessions(&site);
    let app = move || App::new().route("/", web::get().to(open)).wrap(sessions.clone());
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let server = Running::new(server.addrs()[0], server.run());
    web_socket::saves_and_reloads_until_another_request_ends_the_session(&site, server.address).await;
    server.stop().await;
}
