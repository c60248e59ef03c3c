//! The store of another library.

use std::fmt;

use cookie::Key;
use session_core::{BoxFuture, StoreError, Timestamp, Token};

use crate::backend::{Backend, Held};
use crate::format::Format;
use crate::{Found, OldCookie, OldSessions, successor};

/// The store of another library, as that library left it.
///
/// Made by the functions of one module for each library. The cookie is the one of the library's defaults unless it is set here to
/// what the application used.
pub struct OldStore {
    format: Format,
    backend: Backend,
    cookie: OldCookie,
}

impl OldStore {
    pub(crate) fn new(format: Format, backend: Backend, cookie: OldCookie) -> Self {
        Self { format, backend, cookie }
    }

    fn map_cookie(self, change: impl FnOnce(OldCookie) -> OldCookie) -> Self {
        Self { cookie: change(self.cookie), ..self }
    }

    /// The name of the old cookie. The default of the library unless set.
    pub fn cookie_name(self, name: impl Into<String>) -> Self {
        self.map_cookie(|cookie| cookie.named(name))
    }

    /// The path of the old cookie. `/` unless set.
    pub fn path(self, path: impl Into<String>) -> Self {
        self.map_cookie(|cookie| cookie.path(path))
    }

    /// The domain of the old cookie. None unless set.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        self.map_cookie(|cookie| cookie.domain(domain))
    }

    /// The old cookie is signed with this key. Cookies that are not are ignored.
    pub fn signed(self, key: Key) -> Self {
        self.map_cookie(|cookie| cookie.signed(key))
    }

    /// The old cookie is signed with this key for a client, by the address of its connection and its `User-Agent`, as `axum_session`
    /// does by default. Cookies that are not are ignored.
    ///
    /// The application provides the address as for a field that is bound to the client. A client whose address or user agent
    /// has changed since is not adopted.
    pub fn signed_for_client(self, key: Key) -> Self {
        self.map_cookie(|cookie| cookie.signed_for_client(key))
    }

    /// The prefix of the keys of sessions in Redis: that of the library's defaults unless set. Does nothing elsewhere.
    #[cfg(feature = "redis")]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.backend.set_prefix(prefix.into());
        self
    }

    /// The table of sessions in a database, preceded by the name of its schema and a dot if it is not in the default one. That of
    /// the library's defaults unless set. Does nothing elsewhere.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub fn table(mut self, table: &str) -> Self {
        self.backend.set_table(table);
        self
    }

    /// The sessions of `axum_session` are encrypted with this `database_key`. They are not unless set. Does nothing for other
    /// libraries.
    pub fn database_key(mut self, key: Key) -> Self {
        if let Format::AxumSession { database_key } = &mut self.format {
            *database_key = Some(key);
        }
        self
    }

    /// The old cookie is encrypted with this key. Cookies that are not are ignored.
    pub fn private(self, key: Key) -> Self {
        self.map_cookie(|cookie| cookie.private(key))
    }

    async fn look_up(&self, id: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        if !self.format.is_id(id) {
            return Ok(None);
        }
        Ok(match self.backend.find(&self.format, id, now).await? {
            Held::Session(stored) => {
                let old = self.format.decode(id, stored)?;
                let is_live = old.expires_at().is_none_or(|at| now < at);
                is_live.then_some(Found::Session(old))
            }
            Held::Successor(sealed) => successor::open(id, &sealed).map(Found::Successor),
            Held::Nothing => None,
        })
    }
}

impl OldSessions for OldStore {
    fn cookie(&self) -> &OldCookie {
        &self.cookie
    }

    fn find<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Option<Found>, StoreError>> {
        Box::pin(self.look_up(id, now))
    }

    fn replace<'a>(
        &'a self,
        id: &'a str,
        successor: &'a Token,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(self.backend.replace(&self.format, id, successor, now))
    }
}

impl fmt::Debug for OldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldStore").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}
