//! Sessions of a manager over HTTP: from request headers to a session, and from a session to response headers.

use std::sync::Arc;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::request_info::RequestInfo;
use super::set_cookie::age;
use super::transport::Outgoing;
use crate::databag::Databag;
use crate::error::Error;
use crate::events::Event;
use crate::manager::SessionManager;
use crate::session::Session;
use crate::shared::Shared;
use crate::state::{PendingCookie, Response};

impl<T: Databag> SessionManager<T> {
    /// Loads the session that these request headers present; a new one, not stored yet, if they present none, or two.
    ///
    /// A program that writes whole responses uses an [`Exchange`](crate::Exchange), which also commits the session, knows the
    /// URI and turns failures into responses.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct Visit { pages: u32 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let manager = SessionManager::<Visit>::builder(MemoryStore::new()).plain_http().build()?;
    /// let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    ///
    /// let session = manager.load_from(&request).await?;
    /// session.data.set_pages(1u32);
    /// session.save().await?;
    /// session.set_cookies(&mut response);
    /// assert!(response.contains_key("set-cookie"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Load`] when the store fails, [`Error::Cookie`] when a per-request function returned
    /// contradicting attributes.
    pub async fn load_from(&self, headers: &HeaderMap) -> Result<Session<T>, Error> {
        let engine = &self.engine;
        let request = RequestInfo::of_headers(headers);
        let mut presented = engine.transport.read(&request);
        #[cfg(feature = "adopt")]
        {
            presented = engine.read_old(presented, &request);
        }
        engine.transport.check(&presented)?;
        let seen = engine.present();
        let (token, record) = engine.load_presented(&presented.tokens, seen.at).await?;
        #[cfg(feature = "adopt")]
        if record.is_none()
            && let Some(adopted) = Box::pin(engine.adopt(&mut presented, seen)).await?
        {
            let session: Session<T> = adopted.open(engine, presented, seen, Response::ByHand).open_first();
            adopted.notify(&session.shared);
            return Ok(session);
        }
        let is_found = record.is_some();
        if let (Some(token), true) = (&token, is_found) {
            engine.transport.found(&mut presented, token);
        }
        let mut shared = Shared::new(Arc::clone(engine), token, record, seen, Response::ByHand);
        shared.presented = Some(presented);
        let session = shared.open_first();
        if is_found {
            session.shared.notify(Event::Loaded);
        }
        Ok(session)
    }
}

impl<T: Databag> Session<T> {
    /// The value of the `Set-Cookie` that sends this session's token to the client; `None` while nothing is
    /// stored, when tokens travel in a header, or when it takes several cookies, which
    /// [`set_cookies`](Session::set_cookies) writes.
    pub fn cookie(&self) -> Option<HeaderValue> {
        let token = self.token()?;
        let outgoing = Outgoing::Token(token, age(&self.stored_meta()?, &self.shared.engine.clock));
        let mut headers = HeaderMap::new();
        self.shared.engine.transport.write(&self.shared.presented(), &outgoing, &mut headers);
        let alone = headers.get_all(SET_COOKIE).iter().nth(1).is_none();
        headers.remove(SET_COOKIE).filter(|_| alone)
    }

    /// Writes into response headers the cookie that is pending since the last call, and the caching headers:
    /// at most one cookie, unless the store splits tokens; call it after [`save`](Session::save).
    ///
    /// The cookie's attributes follow the request that the session was [loaded from](SessionManager::load_from).
    pub fn set_cookies(&self, headers: &mut HeaderMap) {
        let pending = self.shared.state().take_pending(self.shared.engine.transport.rolling);
        if pending != PendingCookie::None || self.shared.is_accessed() {
            self.shared.send(pending, headers);
        }
    }
}
