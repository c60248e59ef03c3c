//! The application in actix-web, by `session`'s own feature.

use std::net::SocketAddr;

use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, get, post};

use super::site::{self, Handlers, Session, visit_in_body};

pub(super) async fn start(handlers: Handlers) -> SocketAddr {
    let app = move || {
        App::new()
            .service((visit, untouched, failed, sign_in, sign_out, everybody_out, stream, task))
            .wrap(handlers.sessions.middleware())
            .app_data(Data::new(handlers.clone()))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

#[get("/")]
async fn visit(session: Session) -> String {
    site::visit(&session)
}

#[get("/untouched")]
async fn untouched() -> &'static str {
    "untouched"
}

#[get("/failed")]
async fn failed(session: Session) -> HttpResponse {
    HttpResponse::InternalServerError().body(site::visit(&session))
}

#[post("/sign-in")]
async fn sign_in(session: Session) -> HttpResponse {
    site::sign_in(&session);
    HttpResponse::Ok().finish()
}

#[post("/sign-out")]
async fn sign_out(session: Session) -> HttpResponse {
    session.destroy();
    HttpResponse::Ok().finish()
}

#[post("/everybody-out")]
async fn everybody_out(handlers: Data<Handlers>, session: Session) -> String {
    handlers.sign_everybody_out(&session).await
}

#[get("/stream")]
async fn stream(session: Session) -> HttpResponse {
    HttpResponse::Ok().streaming(visit_in_body(session))
}

#[get("/task")]
async fn task(handlers: Data<Handlers>, session: Session) -> HttpResponse {
    handlers.hand_over(session);
    HttpResponse::Ok().finish()
}
