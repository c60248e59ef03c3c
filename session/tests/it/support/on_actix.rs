//! Requests to a handler in an actix-web application.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody, SizedStream};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpMessage as _, HttpResponse, Route, web};
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http_body::Frame;
use send_wrapper::SendWrapper;
use session::{ClientAddr, Connection, SessionMiddleware};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::framework::SERVED_BY_ACTIX;
use super::handler::{AnyHandler, Arguments};

/// Sends a request to a handler behind the middleware, or without it.
///
/// What actix-web makes stays on one thread: the test's own, or one for each request where the test has several.
pub(crate) async fn respond<Args: Arguments>(
    sessions: Option<SessionMiddleware>,
    request: Request,
    handler: AnyHandler<Args>,
) -> Response {
    let serve = move || serve(sessions, request, web::to(handler));
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return SendWrapper::new(serve()).await;
    }
    let serve_whole = move || {
        Handle::current().block_on(async {
            let (parts, body) = serve().await.into_parts();
            Response::from_parts(parts, Body::from(to_bytes(body, usize::MAX).await.unwrap()))
        })
    };
    match tokio::task::spawn_blocking(serve_whole).await {
        Ok(response) => response,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn serve(sessions: Option<SessionMiddleware>, request: Request, route: Route) -> Response {
    let app = App::new().default_service(route);
    match sessions {
        Some(sessions) => call(&init_service(app.wrap(sessions)).await, request).await,
        None => call(&init_service(app).await, request).await,
    }
}

/// Sends a request to an application, as a server does.
pub(crate) async fn call<B: MessageBody + 'static>(
    app: &impl Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    request: Request,
) -> Response {
    println!("{SERVED_BY_ACTIX}");
    match app.call(actix_request(&request)).await {
        Ok(response) => axum_response(response.into_parts().1.map_into_boxed_body()),
        Err(error) => axum_response(error.error_response()),
    }
}

impl<Args: 'static> actix_web::Handler<Args> for AnyHandler<Args> {
    type Output = HttpResponse;
    type Future = Pin<Box<dyn Future<Output = HttpResponse>>>;

    fn call(&self, args: Args) -> Self::Future {
        let response = self.call(args);
        Box::pin(async move { actix_response(response.await) })
    }
}

/// The request, with what a server or middleware said of the client in its extensions.
fn actix_request(request: &Request) -> actix_http::Request {
    let method = request.method().as_str().parse().unwrap();
    let mut copy = TestRequest::with_uri(&request.uri().to_string()).method(method);
    for (name, value) in request.headers() {
        copy = copy.append_header((name.as_str(), value.as_bytes()));
    }
    let copy = copy.to_request();
    if let Some(connection) = request.extensions().get::<Connection>() {
        copy.extensions_mut().insert(*connection);
    }
    if let Some(address) = request.extensions().get::<ClientAddr>() {
        copy.extensions_mut().insert(*address);
    }
    copy
}

fn actix_response(response: Response) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut copy = HttpResponse::build(parts.status.as_u16().try_into().unwrap());
    for (name, value) in &parts.headers {
        copy.append_header((name.as_str(), value.as_bytes()));
    }
    match body.size_hint().exact() {
        Some(size) => copy.body(SizedStream::new(size, body.into_data_stream())),
        None => copy.body(BodyStream::new(body.into_data_stream())),
    }
}

/// The response as a server sends it, with the length of its body.
fn axum_response(response: HttpResponse) -> Response {
    let mut copy = Response::builder().status(response.status().as_u16());
    if let BodySize::Sized(size) = response.body().size()
        && !response.headers().contains_key("content-length")
    {
        copy = copy.header("content-length", size);
    }
    for (name, value) in response.headers() {
        let mut copied = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        copied.set_sensitive(value.is_sensitive());
        copy = copy.header(name.as_str(), copied);
    }
    copy.body(Body::new(LocalBody(SendWrapper::new(response.into_body())))).unwrap()
}

/// A body that is read on the thread of its response.
struct LocalBody(SendWrapper<BoxBody>);

impl HttpBody for LocalBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let chunk = Pin::new(&mut *self.0).poll_next(cx);
        chunk.map(|chunk| chunk.map(|bytes| bytes.map(Frame::data).map_err(|error| error.to_string().into())))
    }
}
