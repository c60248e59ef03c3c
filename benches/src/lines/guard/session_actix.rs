//! A page for signed-in visitors, and the way back after signing in, with `session` on actix-web.

use std::io;
use std::net::TcpListener;

use actix_web::error::ErrorUnauthorized;
use actix_web::web::{Form, Html, Redirect};
use actix_web::{App, HttpServer, Responder, web};
use session::{Databag, MemoryStore, ReturnTo, Session, SessionMiddleware, SignedIn};

use crate::lines::users::{Credentials, FORM, greeting};

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    user: Option<u64>,
}

async fn account(visitor: SignedIn<Visitor>) -> String {
    greeting(Some(visitor.principal()))
}

async fn login(
    session: Session<Visitor>,
    next: ReturnTo,
    form: Form<Credentials>,
) -> actix_web::Result<impl Responder> {
    session.data.set_user(form.verify().ok_or_else(|| ErrorUnauthorized("wrong password"))?);
    Ok(Redirect::to(String::from(next)).see_other())
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = SessionMiddleware::new(MemoryStore::new());
    let app = move || {
        App::new()
            .service(
                web::resource("/account")
                    .get(account)
                    .wrap(session::guard::<Visitor>().redirect_to("/login")),
            )
            .service(web::resource("/login").get(async || Html::new(FORM)).post(login))
            .wrap(sessions.clone())
    };
    HttpServer::new(app).listen(listener)?.run().await
}
