//! Cookies by hand, for programs that have headers but none of the supported frameworks.

use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, HeaderValue, Uri};
use session_core::{Data, Databag};

use super::transport::{Incoming, Outgoing};
use crate::{Error, Session, SessionManager};

impl<T: Databag> SessionManager<T> {
    /// The session that these request headers present; a new one, not stored yet, when they present none.
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
    /// [`Error::Load`] when the store cannot tell.
    pub async fn load_from(&self, headers: &HeaderMap) -> Result<Session<T>, Error> {
        let token = self.engine.transport.read(headers, &Uri::default(), &Extensions::new()).token;
        let found = match &token {
            None => None,
            Some(token) => self.find(token).await?,
        };
        Ok(found.unwrap_or_else(|| self.session(Data::new(None), token, false)))
    }
}

impl<T: Databag> Session<T> {
    /// The value of the `Set-Cookie` that gives the client this session's token; `None` while nothing is
    /// stored, or when tokens travel in a header.
    pub fn cookie(&self) -> Option<HeaderValue> {
        let token = self.token()?;
        let outgoing = Outgoing::Token(token, self.meta()?, self.live.engine.clock.now());
        let mut headers = HeaderMap::new();
        self.live.engine.transport.write(&self.answer(), &outgoing, &mut headers);
        headers.remove(SET_COOKIE)
    }

    /// Writes into response headers what the client must be told since the last call, at most one cookie; call it
    /// after [`save`](Session::save).
    pub fn set_cookies(&self, headers: &mut HeaderMap) {
        if let Some(outgoing) = self.outgoing(self.live.engine.transport.rolling) {
            self.live.engine.transport.write(&self.answer(), &outgoing, headers);
            self.sent(&outgoing);
        }
    }

    /// How to answer a request of which nothing is known.
    fn answer(&self) -> Incoming {
        self.live.engine.transport.read(&HeaderMap::new(), &Uri::default(), &Extensions::new())
    }
}
