//! What the client is told about its token.

use std::borrow::Cow;

use crate::databag::Databag;
use http::{Extensions, HeaderMap};
use session_core::Token;

use super::set_cookie::age;
use super::transport::Incoming;
use crate::hooks::Moment;
use crate::link::Due;
use crate::live::Live;

/// What the client is told about its token.
pub(crate) enum Outgoing {
    /// This is its token, and how long a cookie keeps it, as attributes.
    Token(Token, String),
    Deletion,
}

impl<T: Databag> Live<T> {
    /// Tells the client what is due, and caches that the response depends on the token.
    pub(super) fn send(&self, due: Due, headers: &mut HeaderMap) {
        let transport = &self.engine.transport;
        match due {
            Due::Nothing => transport.vary(headers),
            Due::Deletion => transport.write(&self.incoming(), &Outgoing::Deletion, headers),
            Due::Age | Due::Token => {
                let token = self.link().token.clone();
                let (Some(token), Some(meta)) = (token, self.data.meta()) else { return };
                let outgoing = Outgoing::Token(token, age(&meta, &self.engine.clock));
                transport.write(&self.incoming(), &outgoing, headers);
                self.tell(Moment::Client);
            }
        }
    }

    /// What the request said; without one, a request of which nothing is known.
    pub(super) fn incoming(&self) -> Cow<'_, Incoming> {
        let transport = &self.engine.transport;
        let unknown = || transport.read(&HeaderMap::new(), None, &Extensions::new());
        self.incoming.as_ref().map_or_else(|| Cow::Owned(unknown()), Cow::Borrowed)
    }
}
