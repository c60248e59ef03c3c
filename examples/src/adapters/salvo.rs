//! Sessions in salvo: [`Sessions`] is a handler to hoop, [`SessionDepotExt`] obtains the session from the depot.
//!
//! ```
//! use examples::adapters::salvo::{SessionDepotExt, Sessions};
//! use salvo::prelude::*;
//! use session::{Databag, MemoryStore, SessionManager};
//!
//! #[derive(Databag)]
//! struct Visit {
//!     #[databag(counter)]
//!     pages: u32,
//! }
//!
//! #[handler]
//! async fn count(depot: &mut Depot) -> Result<String, StatusError> {
//!     let session = depot.session::<Visit>().await?;
//!     Ok(format!("{} pages", session.data.add_pages(1)))
//! }
//!
//! let sessions = SessionManager::<Visit>::new(MemoryStore::new());
//! let app = Router::new().hoop(Sessions(sessions)).get(count);
//! ```

use std::net::IpAddr;

use salvo::conn::SocketAddr;
use salvo::http::StatusError;
use salvo::http::uri::Scheme;
use salvo::{Depot, FlowCtrl, Handler, Request, Response, async_trait};
use session::{Connection, Databag, Exchange, RequestInfo, Session, SessionManager, SessionRejection};

/// A handler to hoop that gives each request its session. A handler's session may have another databag than the manager's.
pub struct Sessions<T: Databag>(pub SessionManager<T>);

#[async_trait]
impl<T: Databag> Handler for Sessions<T> {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        ctrl: &mut FlowCtrl,
    ) {
        let mut info = RequestInfo::new(request.headers(), request.uri());
        if *request.scheme() == Scheme::HTTPS {
            info = info.with_connection(Connection::Tls);
        }
        info.client = client(request.remote_addr());
        let exchange = self.0.exchange(&info);
        depot.insert_typed(exchange.clone());

        let handler = async {
            ctrl.call_next(request, depot, response).await;
            response
        };
        let status = |response: &&mut Response| Some(response.status_code.unwrap_or_default());
        let (response, committed) = exchange.run(handler, status).await;
        if let Some(status) = committed.replaces() {
            *response = Response::new();
            response.status_code(status);
        }
        committed.write(response.headers_mut());
    }
}

fn client(peer: &SocketAddr) -> Option<IpAddr> {
    match peer {
        SocketAddr::IPv4(peer) => Some((*peer.ip()).into()),
        SocketAddr::IPv6(peer) => Some((*peer.ip()).into()),
        _ => None,
    }
}

/// The session of a request, in its depot.
pub trait SessionDepotExt {
    /// Returns the session of the request, loaded on the first call.
    ///
    /// # Errors
    ///
    /// The status for the response when the session cannot be loaded, or the request did not pass through [`Sessions`].
    fn session<T: Databag>(&self) -> impl Future<Output = Result<Session<T>, StatusError>> + Send;
}

impl SessionDepotExt for Depot {
    async fn session<T: Databag>(&self) -> Result<Session<T>, StatusError> {
        let exchange = self.get_typed::<Exchange>().map_err(|_| rejected(&SessionRejection::MissingLayer))?;
        exchange.session().await.map_err(|rejection| rejected(&rejection))
    }
}

fn rejected(rejection: &SessionRejection) -> StatusError {
    StatusError::from_code(rejection.status()).unwrap_or_else(StatusError::internal_server_error)
}
