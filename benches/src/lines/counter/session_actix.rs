//! A counter with `session` on actix-web.

use std::io;
use std::net::TcpListener;

use actix_web::{App, HttpServer, web};
use session::{Databag, MemoryStore, Session, SessionMiddleware};

#[derive(Databag)]
struct Visitor {
    #[databag(counter)]
    visits: u64,
}

async fn home(session: Session<Visitor>) -> String {
    format!("visit {}", session.data.add_visits(1))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = SessionMiddleware::new(MemoryStore::new());
    let app = move || App::new().route("/", web::get().to(home)).wrap(sessions.clone());
    HttpServer::new(app).listen(listener)?.run().await
}
