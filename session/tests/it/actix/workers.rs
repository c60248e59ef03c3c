//! A server with several workers.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::SocketAddr;

use actix_web::{App, HttpServer, web};
use session::{Databag, MemoryStore, Session, SessionManager};
use tokio::sync::Barrier;
use tokio::task::spawn_blocking;

use super::server::{Running, token};
use crate::support::Browser;
use crate::support::tcp::{head, request};

const WORKERS: usize = 4;

#[derive(Databag)]
struct Visits {
    #[databag(counter)]
    number: u64,
}

async fn count(session: Session<Visits>) -> String {
    session.data.add_number(1).to_string()
}

/// Waits until each worker has a request, and responds with the name of its thread.
async fn count_together(session: Session<Visits>, all: web::Data<Barrier>) -> String {
    session.data.add_number(1);
    all.wait().await;
    format!("{:?}", std::thread::current().id())
}

/// Returns the head and the body of the response to a request in a connection of its own.
async fn get(address: SocketAddr, path: &'static str, browser: &Browser) -> (String, String) {
    let browser = browser.clone();
    let exchange = move || {
        let mut stream = request(address, path, &browser, &["connection: close"]);
        let (head, mut body) = (head(&mut stream), String::new());
        stream.read_to_string(&mut body).unwrap();
        (head, body)
    };
    spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn workers_share_one_store_and_what_they_add_to_one_session_adds_up() {
    let manager = SessionManager::<Visits>::builder(MemoryStore::new()).plain_http().build().unwrap();
    let (sessions, all) = (manager.middleware(), web::Data::new(Barrier::new(WORKERS)));
    let app = move || {
        App::new()
            .app_data(all.clone())
            .route("/", web::get().to(count))
            .route("/together", web::get().to(count_together))
            .wrap(sessions.clone())
    };
    let server = HttpServer::new(app).workers(WORKERS).disable_signals().bind("127.0.0.1:0").unwrap();
    let server = Running::new(server.addrs()[0], server.run());

    let (head, body) = get(server.address, "/", &Browser::new()).await;
    assert_eq!(body, "1");
    let browser = Browser::with_cookie("session", token(&head));
    let together = || get(server.address, "/together", &browser);
    let replies = tokio::join!(together(), together(), together(), together());
    let threads = BTreeSet::from([&replies.0.1, &replies.1.1, &replies.2.1, &replies.3.1]);
    assert_eq!(threads.len(), WORKERS, "each worker served one: {threads:?}");
    assert_eq!(get(server.address, "/", &browser).await.1, "6");
    assert_eq!(manager.count().await.unwrap(), 1);
    server.stop().await;
}
