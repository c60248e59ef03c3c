//! Cookies by hand, for programs that have headers but none of the supported frameworks.

use crate::databag::Databag;
use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, HeaderValue};

use super::outgoing::Outgoing;
use super::set_cookie::age;
use crate::hooks::Moment;
use crate::link::Due;
use crate::{Error, Session, SessionManager};

impl<T: Databag> SessionManager<T> {
    /// The session that these request headers present; a new one, not stored yet, when they present none, or two.
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
    /// [`Error::Load`] when the store cannot tell, [`Error::Cookie`] when a per-request function gave the cookie
    /// attributes that contradict each other.
    pub async fn load_from(&self, headers: &HeaderMap) -> Result<Session<T>, Error> {
        let incoming = self.engine.transport.read(headers, None, &Extensions::new());
        self.engine.transport.check(&incoming)?;
        let seen = self.engine.present();
        let (token, record) = self.engine.load_presented(&incoming.tokens).await?;
        let found = record.is_some();
        let mut live = self.live(self.engine.data(record), token, found, seen);
        live.arrive(incoming);
        live.link().rolls = self.engine.transport.rolling;
        let live = live.share();
        if found {
            live.tell(Moment::Loaded);
        }
        Ok(Session::of(live))
    }
}

impl<T: Databag> Session<T> {
    /// The value of the `Set-Cookie` that gives the client this session's token; `None` while nothing is
    /// stored, when tokens travel in a header, or when it takes several cookies, which
    /// [`set_cookies`](Session::set_cookies) writes.
    pub fn cookie(&self) -> Option<HeaderValue> {
        let token = self.token()?;
        let outgoing = Outgoing::Token(token, age(&self.meta()?, &self.live.engine.clock));
        let mut headers = HeaderMap::new();
        self.live.engine.transport.write(&self.live.incoming(), &outgoing, &mut headers);
        let alone = headers.get_all(SET_COOKIE).iter().nth(1).is_none();
        headers.remove(SET_COOKIE).filter(|_| alone)
    }

    /// Writes into response headers what the client must be told since the last call, and what caches must be told:
    /// at most one cookie, unless the store splits tokens; call it after [`save`](Session::save).
    ///
    /// The cookie's attributes follow the request that the session was [loaded from](SessionManager::load_from).
    pub fn set_cookies(&self, headers: &mut HeaderMap) {
        let due = self.live.link().take_due(self.live.engine.transport.rolling);
        if due != Due::Nothing || self.live.is_accessed() {
            self.live.send(due, headers);
        }
    }
}
