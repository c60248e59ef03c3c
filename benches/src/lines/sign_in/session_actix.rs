//! Signing in and out with `session` on actix-web.

use std::io;
use std::net::TcpListener;

use actix_web::error::ErrorUnauthorized;
use actix_web::web::{Form, Redirect};
use actix_web::{App, HttpServer, Responder, web};
use session::{Databag, MemoryStore, Session, SessionMiddleware};

use crate::lines::users::{Credentials, greeting};

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user: Option<u64>,
}

async fn home(session: Session<Visitor>) -> String {
    greeting(session.data.user())
}

async fn login(session: Session<Visitor>, form: Form<Credentials>) -> actix_web::Result<impl Responder> {
    session.data.set_user(form.verify().ok_or_else(|| ErrorUnauthorized("wrong password"))?);
    Ok(Redirect::to("/").see_other())
}

async fn logout(session: Session<Visitor>) -> impl Responder {
    session.destroy();
    Redirect::to("/").see_other()
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = SessionMiddleware::new(MemoryStore::new());
    let app = move || {
        App::new()
            .route("/", web::get().to(home))
            .route("/login", web::post().to(login))
            .route("/logout", web::post().to(logout))
            .wrap(sessions.clone())
    };
    HttpServer::new(app).listen(listener)?.run().await
}
