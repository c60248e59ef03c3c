//! Signing in and out with `actix-identity` on `actix-session`.

use std::io;
use std::net::TcpListener;

use actix_identity::{Identity, IdentityMiddleware};
use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::Key;
use actix_web::error::ErrorUnauthorized;
use actix_web::web::{Form, Redirect};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpServer, Responder, web};

use crate::lines::users::{Credentials, greeting};

async fn home(user: Option<Identity>) -> String {
    greeting(user.map(|user| user.id().unwrap().parse().unwrap()))
}

async fn login(request: HttpRequest, form: Form<Credentials>) -> actix_web::Result<impl Responder> {
    let user = form.verify().ok_or_else(|| ErrorUnauthorized("wrong password"))?;
    Identity::login(&request.extensions(), user.to_string()).unwrap();
    Ok(Redirect::to("/").see_other())
}

async fn logout(user: Option<Identity>) -> impl Responder {
    if let Some(user) = user {
        user.logout();
    }
    Redirect::to("/").see_other()
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let key = Key::generate();
    let app = move || {
        App::new()
            .route("/", web::get().to(home))
            .route("/login", web::post().to(login))
            .route("/logout", web::post().to(logout))
            .wrap(IdentityMiddleware::default())
            .wrap(SessionMiddleware::new(CookieSessionStore::default(), key.clone()))
    };
    HttpServer::new(app).listen(listener)?.run().await
}
