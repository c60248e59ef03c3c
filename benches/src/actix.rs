//! Adapter for actix-web, whose services are not `Send` and use the types of `http` 0.2.

use std::net::TcpListener;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::HttpServer;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use anyhow::{Result, anyhow};
use axum::body::Bytes;
use http::{HeaderValue, Response};

/// A boxed future that is not `Send`.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// An actix-web application, called in process or served over HTTP.
pub trait ActixApp {
    /// Sends one request and reads the whole response.
    fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> LocalFuture<'_, Response<Bytes>>;

    /// Serves HTTP on one thread until the process ends.
    fn serve(&self, listener: TcpListener) -> LocalFuture<'_, ()>;
}

/// Returns an application built by `make`: once for calls in process, and once per server thread.
pub async fn app<M, F, B>(make: M) -> Rc<dyn ActixApp>
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
    Rc::new(InitializedApp { make, service })
}

struct InitializedApp<M, S> {
    make: M,
    service: S,
}

impl<M, F, S, B> ActixApp for InitializedApp<M, S>
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
    fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> LocalFuture<'_, Response<Bytes>> {
        let mut request = TestRequest::with_uri(path).insert_header(("host", "localhost"));
        if let Some(cookie) = cookie {
            request = request.insert_header(("cookie", cookie.as_bytes()));
        }
        let call = self.service.call(request.to_request());
        Box::pin(async {
            let reply = call.await.map_err(|error| anyhow!("{error}"))?;
            let mut response = Response::builder().status(reply.status().as_u16());
            for line in reply.response().headers().get_all("set-cookie") {
                response = response.header("set-cookie", line.as_bytes());
            }
            let body = to_bytes(reply.into_body()).await.map_err(|_| anyhow!("cannot read the body"))?;
            Ok(response.body(body)?)
        })
    }

    fn serve(&self, listener: TcpListener) -> LocalFuture<'_, ()> {
        let make = self.make.clone();
        Box::pin(async { Ok(HttpServer::new(make).workers(1).listen(listener)?.run().await?) })
    }
}
