//! Signing out everywhere with `actix-identity` on `actix-session`, which cannot find the sessions of a user. Middleware compares
//! each session with the user's record, and the record is changed.

use std::io;
use std::net::TcpListener;

use actix_identity::{Identity, IdentityExt as _, IdentityMiddleware};
use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionExt as _, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::Key;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorUnauthorized;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Form, Redirect};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpServer, Responder, web};

use crate::lines::users::{Credentials, generation, greeting, next_generation};

fn user_id(identity: &Identity) -> u64 {
    identity.id().unwrap().parse().unwrap()
}

async fn end_former_generations(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    if let Ok(identity) = request.get_identity()
        && request.get_session().get("generation")? != Some(generation(user_id(&identity)))
    {
        identity.logout();
    }
    next.call(request).await
}

async fn home(user: Option<Identity>) -> String {
    greeting(user.as_ref().map(user_id))
}

async fn login(
    request: HttpRequest,
    session: Session,
    form: Form<Credentials>,
) -> actix_web::Result<impl Responder> {
    let user = form.verify().ok_or_else(|| ErrorUnauthorized("wrong password"))?;
    Identity::login(&request.extensions(), user.to_string()).unwrap();
    session.insert("generation", generation(user))?;
    Ok(Redirect::to("/").see_other())
}

async fn logout(user: Identity) -> impl Responder {
    next_generation(user_id(&user));
    Redirect::to("/").see_other()
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let key = Key::generate();
    let app = move || {
        App::new()
            .route("/", web::get().to(home))
            .route("/login", web::post().to(login))
            .route("/logout", web::post().to(logout))
            .wrap(from_fn(end_former_generations))
            .wrap(IdentityMiddleware::default())
            .wrap(SessionMiddleware::new(CookieSessionStore::default(), key.clone()))
    };
    HttpServer::new(app).listen(listener)?.run().await
}
