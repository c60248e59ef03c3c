//! Adapter for actix-web, whose services are not `Send` and use the types of `http` 0.2.

use std::net::TcpListener;
use std::rc::Rc;

use actix_web::HttpServer;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use anyhow::{Result, anyhow};
use axum::body::Bytes;
use http::{HeaderValue, Response};

use crate::actix_app::{ActixApp, Pending};
use crate::app::App;

/// Returns an application built by `make`: once for calls in process, and once per server thread.
///
/// # Errors
///
/// Never returns an error; the signature matches the constructors of the other variants.
pub async fn app<M, F, B>(make: M) -> Result<App>
where
    M: Fn() -> actix_web::App<F> + Clone + Send + 'static,
    F: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let service = init_service(make()).await;
    Ok(App::Actix(Rc::new(Made { make, service })))
}

struct Made<M, S> {
    make: M,
    service: S,
}

impl<M, F, S, B> ActixApp for Made<M, S>
where
    M: Fn() -> actix_web::App<F> + Clone + Send + 'static,
    F: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> Pending<'_, Response<Bytes>> {
        let mut request = TestRequest::with_uri(path).insert_header(("host", "localhost"));
        if let Some(cookie) = cookie {
            request = request.insert_header(("cookie", cookie.as_bytes()));
        }
        let answered = self.service.call(request.to_request());
        Box::pin(async {
            let answer = answered.await.map_err(|error| anyhow!("{error}"))?;
            let mut response = Response::builder().status(answer.status().as_u16());
            for line in answer.response().headers().get_all("set-cookie") {
                response = response.header("set-cookie", line.as_bytes());
            }
            let body = to_bytes(answer.into_body()).await.map_err(|_| anyhow!("cannot read the body"))?;
            Ok(response.body(body)?)
        })
    }

    fn serve(&self, listener: TcpListener) -> Pending<'_, ()> {
        let make = self.make.clone();
        Box::pin(async { Ok(HttpServer::new(make).workers(1).listen(listener)?.run().await?) })
    }
}
