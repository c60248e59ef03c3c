//! Sessions in poem: [`Sessions`] is middleware, [`Extract`] an argument of handlers.
//!
//! ```
//! use examples::adapters::poem::{Extract, Sessions};
//! use poem::{EndpointExt, Route, get, handler};
//! use session::{Databag, MemoryStore, SessionManager};
//!
//! #[derive(Databag)]
//! struct Visit {
//!     #[databag(counter)]
//!     pages: u32,
//! }
//!
//! #[handler]
//! async fn count(Extract(session): Extract<Visit>) -> String {
//!     format!("{} pages", session.data.add_pages(1))
//! }
//!
//! let sessions = SessionManager::<Visit>::new(MemoryStore::new());
//! let app = Route::new().at("/", get(count)).with(Sessions(sessions));
//! ```

use std::net::SocketAddr;

use poem::http::uri::Scheme;
use poem::{Endpoint, Error, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response, Result};
use session::{Connection, Databag, Exchange, RequestInfo, Session, SessionManager, SessionRejection};

/// Middleware that gives each request its session. A handler's session may have another databag than the manager's.
#[derive(Clone)]
pub struct Sessions<T: Databag>(pub SessionManager<T>);

impl<E: Endpoint, T: Databag> Middleware<E> for Sessions<T> {
    type Output = SessionEndpoint<E, T>;

    fn transform(&self, inner: E) -> Self::Output {
        SessionEndpoint { inner, manager: self.0.clone() }
    }
}

/// An endpoint whose requests have sessions.
pub struct SessionEndpoint<E, T: Databag> {
    inner: E,
    manager: SessionManager<T>,
}

impl<E: Endpoint, T: Databag> Endpoint for SessionEndpoint<E, T> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        // Nested routes remove their prefix from `uri`.
        let mut info = RequestInfo::new(request.headers(), request.original_uri());
        if *request.scheme() == Scheme::HTTPS {
            info = info.with_connection(Connection::Tls);
        }
        info.client = request.remote_addr().as_socket_addr().map(SocketAddr::ip);
        let exchange = self.manager.exchange(&info);
        request.extensions_mut().insert(exchange.clone());

        let handler = self.inner.get_response(request);
        let (mut response, committed) = exchange.run(handler, |response| Some(response.status())).await;
        if let Some(status) = committed.replaces() {
            response = status.into_response();
        }
        committed.write(response.headers_mut());
        Ok(response)
    }
}

/// The session of a request, loaded when a handler first extracts it.
pub struct Extract<T: Databag>(pub Session<T>);

impl<'a, T: Databag> FromRequest<'a> for Extract<T> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let exchange = request.extensions().get::<Exchange>();
        let exchange = exchange.ok_or_else(|| Error::from_status(SessionRejection::MissingLayer.status()))?;
        let session = exchange.session().await;
        session.map(Self).map_err(|rejection| Error::from_status(rejection.status()))
    }
}
