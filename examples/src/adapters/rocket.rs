//! Sessions in Rocket: [`Sessions`] is a fairing, [`Extract`] a request guard.
//!
//! ```
//! use examples::adapters::rocket::{Extract, Sessions};
//! use rocket::{get, routes};
//! use session::{Databag, MemoryStore, SessionManager};
//!
//! #[derive(Databag)]
//! struct Visit {
//!     #[databag(counter)]
//!     pages: u32,
//! }
//!
//! #[get("/")]
//! async fn count(session: Extract<Visit>) -> String {
//!     format!("{} pages", session.data.add_pages(1))
//! }
//!
//! let sessions = SessionManager::<Visit>::new(MemoryStore::new());
//! let app = rocket::build().mount("/", routes![count]).attach(Sessions(sessions));
//! ```

use std::ops::Deref;

use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, StatusCode};
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Data, Request, Response, async_trait};
use session::{Connection, Databag, Exchange, RequestInfo, Session, SessionManager, SessionRejection};

/// A fairing that gives each request its session. A handler's session may have another databag than the manager's.
pub struct Sessions<T: Databag>(pub SessionManager<T>);

#[async_trait]
impl<T: Databag> Fairing for Sessions<T> {
    fn info(&self) -> Info {
        Info { name: "sessions", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let headers: HeaderMap = request
            .headers()
            .iter()
            .filter_map(|header| {
                Some((header.name().as_str().parse::<HeaderName>().ok()?, header.value().parse().ok()?))
            })
            .collect();
        let uri = request.uri().to_string().parse().unwrap_or_default();
        let mut info = RequestInfo::new(&headers, &uri);
        if request.rocket().config().tls_enabled() {
            info = info.with_connection(Connection::Tls);
        }
        info.client = request.remote().map(|peer| peer.ip());
        request.local_cache(|| Some(self.0.exchange(&info)));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(exchange) = exchange(request) else { return };
        let committed = exchange.finish(StatusCode::from_u16(response.status().code).ok()).await;
        if let Some(status) = committed.replaces() {
            *response = Response::build().status(Status::new(status.as_u16())).finalize();
        }
        for (name, value) in committed.lines() {
            if name == CACHE_CONTROL {
                response.remove_header(name.as_str());
            }
            response
                .adjoin_raw_header(name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
    }
}

fn exchange<'r>(request: &'r Request<'_>) -> Option<&'r Exchange> {
    request.local_cache(|| None).as_ref()
}

/// The session of a request, loaded when a handler first extracts it.
pub struct Extract<T: Databag>(pub Session<T>);

impl<T: Databag> Deref for Extract<T> {
    type Target = Session<T>;

    fn deref(&self) -> &Session<T> {
        &self.0
    }
}

#[async_trait]
impl<'r, T: Databag> FromRequest<'r> for Extract<T> {
    type Error = SessionRejection;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, SessionRejection> {
        let session = match exchange(request) {
            Some(exchange) => exchange.session().await,
            None => Err(SessionRejection::MissingLayer),
        };
        match session {
            Ok(session) => Outcome::Success(Self(session)),
            Err(rejection) => Outcome::Error((Status::new(rejection.status().as_u16()), rejection)),
        }
    }
}
