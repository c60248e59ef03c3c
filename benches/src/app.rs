//! An application, called without a socket.

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

use crate::actix_app::ActixApp;
use crate::route::Route;

/// What answers the requests.
#[derive(Clone)]
pub enum App {
    /// An axum router and its layers.
    Tower(Router),
    /// An application of actix-web.
    Actix(Rc<dyn ActixApp>),
}

/// What came back.
#[derive(Debug)]
pub struct Answer(Response<Bytes>);

impl App {
    /// Sends one request and reads its answer to the end, as a server does for a client on a kept connection.
    ///
    /// # Errors
    ///
    /// When the answer is not status 200 or cannot be read.
    pub async fn get(&self, path: &str, cookie: Option<&HeaderValue>) -> Result<Answer> {
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
        ensure!(response.status() == StatusCode::OK, "{path} answers {}", response.status());
        Ok(Answer(response))
    }

    /// Sends the request of that route.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn answer(&self, route: Route, cookie: Option<&HeaderValue>) -> Result<Answer> {
        self.get(route.path(), cookie).await
    }

    /// Answers whoever connects, until the process ends.
    ///
    /// # Errors
    ///
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener) -> Result<()> {
        listener.set_nonblocking(true)?;
        match self {
            Self::Tower(router) => {
                let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
                    // Without it answers wait for the client's next packet.
                    stream.set_nodelay(true).ok();
                });
                Ok(axum::serve(listener, router).await?)
            }
            Self::Actix(app) => app.serve(listener).await,
        }
    }
}

impl Answer {
    /// The body.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.0.body()).into_owned()
    }

    /// The cookies that it sets, as a client sends them back; `None` when it sets none.
    pub fn cookie(&self) -> Option<HeaderValue> {
        let lines = self.0.headers().get_all(SET_COOKIE).iter();
        let pairs: Vec<_> =
            lines.filter_map(|line| line.as_bytes().split(|byte| *byte == b';').next()).collect();
        HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok().filter(|value| !value.is_empty())
    }
}
