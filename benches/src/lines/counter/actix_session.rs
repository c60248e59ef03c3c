//! A counter with `actix-session`.

use std::io;
use std::net::TcpListener;

use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::{App, HttpServer, web};

async fn home(session: Session) -> actix_web::Result<String> {
    let visits = session.get::<u64>("visits")?.unwrap_or_default() + 1;
    session.insert("visits", visits)?;
    Ok(format!("visit {visits}"))
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let key = Key::generate();
    let app = move || {
        let sessions = SessionMiddleware::new(CookieSessionStore::default(), key.clone());
        App::new().route("/", web::get().to(home)).wrap(sessions)
    };
    HttpServer::new(app).listen(listener)?.run().await
}
