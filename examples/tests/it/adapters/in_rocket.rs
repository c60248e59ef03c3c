//! The application in Rocket.
#![expect(clippy::needless_pass_by_value, reason = "arguments of handlers")]

use std::net::SocketAddr;

use examples::adapters::rocket::{Extract, Sessions};
use futures_util::StreamExt as _;
use rocket::config::{Config, LogLevel, Shutdown};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::response::stream::ByteStream;
use rocket::{State, get, post, routes};
use tokio::sync::mpsc;

use super::site::{self, Account, Handlers, visit_in_body};

pub(super) async fn start(handlers: Handlers) -> SocketAddr {
    let shutdown = Shutdown { ctrlc: false, ..Shutdown::default() };
    let config = Config { port: 0, log_level: LogLevel::Off, shutdown, ..Config::debug_default() };
    let (listening, mut address) = mpsc::channel(1);
    let app = rocket::custom(config)
        .mount("/", routes![visit, untouched, failed, sign_in, sign_out, everybody_out, stream, task])
        .attach(Sessions(handlers.sessions.clone()))
        .attach(AdHoc::on_liftoff("address", |rocket| {
            let address = SocketAddr::new(rocket.config().address, rocket.config().port);
            Box::pin(async move { listening.send(address).await.unwrap() })
        }))
        .manage(handlers);
    tokio::spawn(app.launch());
    address.recv().await.unwrap()
}

#[get("/")]
fn visit(session: Extract<Account>) -> String {
    site::visit(&session)
}

#[get("/untouched")]
fn untouched() -> &'static str {
    "untouched"
}

#[get("/failed")]
fn failed(session: Extract<Account>) -> (Status, String) {
    (Status::InternalServerError, site::visit(&session))
}

#[post("/sign-in")]
fn sign_in(session: Extract<Account>) {
    site::sign_in(&session);
}

#[post("/sign-out")]
fn sign_out(session: Extract<Account>) {
    session.destroy();
}

#[post("/everybody-out")]
async fn everybody_out(handlers: &State<Handlers>, session: Extract<Account>) -> String {
    handlers.sign_everybody_out(&session).await
}

#[get("/stream")]
fn stream(session: Extract<Account>) -> ByteStream<impl futures_util::Stream<Item = axum::body::Bytes>> {
    ByteStream(visit_in_body(session.0).map(Result::unwrap))
}

#[get("/task")]
fn task(handlers: &State<Handlers>, session: Extract<Account>) {
    handlers.hand_over(session.0);
}
