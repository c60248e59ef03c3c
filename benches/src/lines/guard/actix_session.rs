//! A page for signed-in visitors, and the way back after signing in, with `actix-identity` on `actix-session`, which have no guard.
//! The way back may lead to another site.

use std::io;
use std::net::TcpListener;

use actix_identity::{Identity, IdentityExt as _, IdentityMiddleware};
use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::body::MessageBody;
use actix_web::cookie::Key;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorUnauthorized;
use actix_web::http::header::LOCATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Form, Html, Query, Redirect};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, HttpServer, Responder, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::lines::users::{Credentials, FORM, greeting};

async fn signed_in(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    if request.get_identity().is_ok() {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let page = request.uri().to_string();
    let login = format!("/login?next={}", utf8_percent_encode(&page, NON_ALPHANUMERIC));
    let response = HttpResponse::SeeOther().insert_header((LOCATION, login)).finish();
    Ok(request.into_response(response).map_into_right_body())
}

async fn account(user: Identity) -> String {
    greeting(Some(user.id().unwrap().parse().unwrap()))
}

#[derive(Deserialize)]
struct NextUrl {
    next: Option<String>,
}

async fn login(
    request: HttpRequest,
    Query(NextUrl { next }): Query<NextUrl>,
    form: Form<Credentials>,
) -> actix_web::Result<impl Responder> {
    let user = form.verify().ok_or_else(|| ErrorUnauthorized("wrong password"))?;
    Identity::login(&request.extensions(), user.to_string()).unwrap();
    Ok(Redirect::to(next.unwrap_or_else(|| "/".to_owned())).see_other())
}

pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let key = Key::generate();
    let app = move || {
        App::new()
            .service(web::resource("/account").get(account).wrap(from_fn(signed_in)))
            .service(web::resource("/login").get(async || Html::new(FORM)).post(login))
            .wrap(IdentityMiddleware::default())
            .wrap(SessionMiddleware::new(CookieSessionStore::default(), key.clone()))
    };
    HttpServer::new(app).listen(listener)?.run().await
}
