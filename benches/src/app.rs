//! A benchmarked application, called in process or served over HTTP.

use std::net::TcpListener;
use std::rc::Rc;

use anyhow::{Result, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::serve::ListenerExt as _;
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::actix::ActixApp;
use crate::route::Route;

/// An application on one of the two web frameworks.
#[derive(Clone)]
pub enum App {
    /// An axum router with its layers.
    Tower(Router),
    /// An actix-web application.
    Actix(Rc<dyn ActixApp>),
}

/// A response with its whole body.
#[derive(Debug)]
pub struct InProcessResponse(Response<Bytes>);

impl App {
    /// Sends one request in process, without a socket, and reads the whole response.
    ///
    /// # Errors
    ///
    /// When the status is not 200 or the body cannot be read.
    pub async fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> Result<InProcessResponse> {
        let response = match self {
            Self::Tower(router) => {
                let mut request = Request::get(path).header(HOST, "localhost");
                if let Some(cookie) = cookie {
                    request = request.header(COOKIE, cookie);
                }
                let (parts, body) = router.clone().oneshot(request.body(Body::empty())?).await?.into_parts();
                Response::from_parts(parts, body.collect().await?.to_bytes())
            }
            Self::Actix(app) => app.get(path, cookie).await?,
        };
        ensure!(response.status() == StatusCode::OK, "{path} returned {}", response.status());
        Ok(InProcessResponse(response))
    }

    /// Sends the request of `route`.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub async fn request(&self, route: Route, cookie: Option<&HeaderValue>) -> Result<InProcessResponse> {
        self.get(route.path(), cookie).await
    }

    /// Serves HTTP until the process ends.
    ///
    /// # Errors
    ///
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener) -> Result<()> {
        listener.set_nonblocking(true)?;
        match self {
            Self::Tower(router) => {
                let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
                    // Nagle's algorithm would delay responses until the client's next packet.
                    stream.set_nodelay(true).ok();
                });
                Ok(axum::serve(listener, router).await?)
            }
            Self::Actix(app) => app.serve(listener).await,
        }
    }
}

impl InProcessResponse {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.0.body()).into_owned()
    }

    /// The cookies that the response sets, as the value of a `Cookie` header; `None` if it sets none.
    pub fn cookie(&self) -> Option<HeaderValue> {
        let lines = self.0.headers().get_all(SET_COOKIE).iter();
        let pairs: Vec<_> =
            lines.filter_map(|line| line.as_bytes().split(|byte| *byte == b';').next()).collect();
        HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok().filter(|value| !value.is_empty())
    }
}
