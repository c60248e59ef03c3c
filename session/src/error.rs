//! What goes wrong with sessions.

use std::fmt;

use crate::codec::CodecError;
use crate::data::Ignored;
use session_core::StoreError;

use crate::report::Chain;

/// Why something could not be done with a session.
///
/// Nothing in it, nor in its sources, contains a token or the value of a field. Its text does not repeat that of its
/// sources; [`report`](Error::report) shows them all.
///
/// With the feature `axum` it is a response: handlers may return `Result<_, session::Error>`. The client gets the
/// [status](Error::status), and the details in debug builds only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The session could not be loaded, which says nothing about whether it exists.
    #[error("the session could not be loaded")]
    Load(#[source] StoreError),
    /// The session could not be saved. After [`StoreError::Unavailable`] and [`StoreError::Timeout`] it may be saved all
    /// the same, when only the store's answer was lost; after any other cause nothing was written.
    #[error("the session could not be saved{}", fate(.0))]
    Save(#[source] StoreError),
    /// The idle deadline could not be moved. The session lives on until the old one.
    #[error("the session's idle deadline could not be moved; the session ends at the old one")]
    Touch(#[source] StoreError),
    /// The session could not be destroyed; it may still be alive.
    #[error("the session could not be destroyed and may still be alive; try again")]
    Destroy(#[source] StoreError),
    /// The store could not count, list, clear or sweep.
    #[error("the session store could not be managed")]
    Manage(#[source] StoreError),
    /// A field could not be encoded; nothing was written.
    #[error("field `{name}` cannot be stored")]
    Field {
        /// The name under which the field is stored.
        name: &'static str,
        /// Why it cannot be encoded.
        source: CodecError,
    },
    /// The session was destroyed or renewed elsewhere meanwhile; nothing was written.
    #[error(
        "the session was destroyed or renewed by another request; nothing was written, continue without it"
    )]
    Gone,
    /// There is no such session.
    #[error("there is no such session; create one, or let the visitor sign in again")]
    NotFound,
    /// A compare-and-set field was changed by another request meanwhile; nothing was written.
    #[error(
        "field `{field}` was changed by another request; nothing was written, call `reload().await` and try again"
    )]
    Conflict {
        /// The name under which the field is stored.
        field: String,
    },
    /// The principal has as many sessions as there may be; nothing was written, and the session belongs to whom it did
    /// before.
    #[error("the user has as many sessions as are allowed; nothing was written, end one of them first")]
    TooManySessions,
    /// Sessions were asked for by something that does not find any.
    #[error("sessions are found by one field marked `principal` or `index`; set exactly one such field")]
    NotIndexed,
    /// A value was claimed through data whose session is gone, or that is a copy.
    #[error(
        "this data belongs to no session any more, so nothing can be claimed; keep the `Session` meanwhile"
    )]
    Detached,
    /// A value was claimed that the store may give to more than one request.
    #[error(
        "the {store} store cannot tell which request claims first; use a store on the server, or one that is revocable"
    )]
    Unclaimable {
        /// The store's name.
        store: &'static str,
    },
    /// The response has left, so the client can no longer be given a token, nor told to forget one that nothing else
    /// ends; nothing was written.
    #[error(
        "the client needs a new token, but the response has already been sent; nothing was written, create, renew \
         and destroy sessions before the response"
    )]
    HeadersSent,
    /// The last handle or accessors of a session were dropped with changes that nobody saved: changes made after the
    /// response, or to a session of a [`SessionManager`](crate::SessionManager). A task that uses `session.data` alone
    /// captures the accessors without the session, and cannot save it.
    #[error(
        "changes to a session were dropped unsaved; call `save().await` after making them, on a `Session` kept until then"
    )]
    Unsaved,
    /// A handler did not get its session; reported for mistakes in how the application is put together.
    #[cfg(feature = "tower")]
    #[error(transparent)]
    Rejected(#[from] crate::SessionRejection),
    /// The attributes that a per-request function gave the cookie contradict each other; nothing was written.
    #[error("the session cookie's attributes for this request are inconsistent; nothing was written")]
    Cookie(#[source] ConfigError),
}

impl Error {
    /// The error with all its causes, outermost first, joined by `: `.
    ///
    /// ```
    /// # use session::{MemoryStore, SessionLayer};
    /// let layer = SessionLayer::builder(MemoryStore::new())
    ///     .on_error(|error| eprintln!("{}", error.report()))
    ///     .build()?;
    /// # Ok::<_, session::ConfigError>(())
    /// ```
    pub fn report(&self) -> impl fmt::Display + '_ {
        Chain(self)
    }

    /// The HTTP status that answers it: 409 where another request, or a limit, was first, 404 where there is no such
    /// session, 503 where trying later may help, and 500 otherwise.
    #[cfg(feature = "http")]
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::Gone | Self::Conflict { .. } | Self::TooManySessions => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Load(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Save(cause) | Self::Touch(cause) | Self::Destroy(cause) | Self::Manage(cause)
                if is_passing(cause) =>
            {
                StatusCode::SERVICE_UNAVAILABLE
            }
            #[cfg(feature = "tower")]
            Self::Rejected(rejection) => rejection.status(),
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Whether a store may do the next time what it could not do this time.
fn is_passing(cause: &StoreError) -> bool {
    matches!(cause, StoreError::Unavailable(_) | StoreError::Timeout)
}

/// What became of a write that failed.
fn fate(cause: &StoreError) -> &'static str {
    if is_passing(cause) {
        ", unless only the answer was lost; call `reload().await` before repeating what must not happen twice"
    } else {
        "; nothing was written"
    }
}

/// Settings that cannot work, found when they are put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The idle timeout is zero.
    #[error("the idle timeout is zero, so no session would live; give at least a millisecond")]
    NoIdleTimeout,
    /// The lifetime is zero.
    #[error("the lifetime is zero, so no session would live; give at least a millisecond")]
    NoLifetime,
    /// The cookie's name is not a token of RFC 6265.
    #[error("`{0}` is not a cookie name; use ASCII letters, digits, `-` and `_`")]
    CookieName(String),
    /// The header's name is not one.
    #[error("`{0}` is not a header name; use ASCII letters, digits and `-`")]
    HeaderName(String),
    /// The header has a meaning of its own in HTTP, so no token can travel in it.
    #[error("the header `{0}` has a meaning in HTTP; use a name of your own, such as `x-session-token`")]
    ReservedHeader(String),
    /// The cookie's path does not start with `/`, or contains what a cookie cannot.
    #[error("`{0}` is not a cookie path; it starts with `/` and has no `;` and no control characters")]
    Path(String),
    /// The cookie's domain is not a host name; an IP address is none.
    #[error("`{0}` is not a cookie domain; write a host name such as `example.com`")]
    Domain(String),
    /// `SameSite=None` without `Secure`: browsers drop such a cookie.
    #[error("SameSite=None needs Secure::Always; browsers drop the cookie otherwise")]
    SameSiteNoneInsecure,
    /// `Partitioned` without `Secure`: browsers drop such a cookie.
    #[error("a partitioned cookie needs Secure::Always; browsers drop it otherwise")]
    PartitionedInsecure,
    /// A `__Host-` name with a domain, a path other than `/`, or without `Secure`.
    #[error(
        "a `__Host-` cookie needs Secure::Always, the path `/` and no domain; use another name otherwise"
    )]
    HostPrefix,
    /// A `__Secure-` name without `Secure`.
    #[error("a `__Secure-` cookie needs Secure::Always; use another name otherwise")]
    SecurePrefix,
    /// A `__Http-` or `__Host-Http-` name without `Secure` or `HttpOnly`.
    #[error(
        "a `__Http-` or `__Host-Http-` cookie needs Secure::Always and `http_only(true)`; use another name otherwise"
    )]
    HttpPrefix,
    /// The store cannot keep what a field promises under concurrency.
    #[error(
        "the {store} store cannot keep what `counter` or `cas` promises of field `{field}`; use a store on the server, \
         or accept lost updates where the store is built"
    )]
    Unserved {
        /// The store's name.
        store: &'static str,
        /// The name under which the field is stored.
        field: &'static str,
    },
    /// a limit of zero sessions for each principal.
    #[error("a limit of zero sessions lets nobody sign in; give at least one")]
    NoSessions,
    /// The databag has no field that says whose session it is.
    #[error("sessions are limited for each principal, and the databag has none; mark a field `principal`")]
    NoPrincipal,
    /// The store cannot count the sessions of a principal.
    #[error(
        "the {store} store cannot limit the sessions of a principal; use a store on the server that offers session limits, or \
         remove `max_sessions_per_principal`"
    )]
    LimitUnsupported {
        /// The store's name.
        store: &'static str,
    },
    /// The process-wide manager was configured already, or for another databag.
    #[error("`session::configure` was called before; the default is set once, when the process starts")]
    AlreadyConfigured,
}

/// Something that deserves a look and was dealt with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// A stored field could not be read and showed its default.
    #[error(transparent)]
    Field(#[from] Ignored),
    /// A `Secure` cookie was due on a connection known to be plain HTTP; nothing was saved and nothing sent.
    #[error(
        "a session was not saved, because its Secure cookie cannot travel over plain HTTP; \
         serve HTTPS, trust the proxy that does, or call `plain_http()` for development"
    )]
    PlainHttp,
    /// A session was due on a request outside the path of its cookie; nothing was saved and nothing sent.
    #[error(
        "a session was not saved, because the request is outside the path of the session cookie; serve the route \
         under that path, or build the layer with a `path(…)` that covers it"
    )]
    OutsidePath,
    /// A request presented the cookies of two live sessions, so that neither counts.
    #[error(
        "a request carried the cookies of two live sessions, and neither was used; give the session cookie one name, \
         path and domain on all hosts that see it"
    )]
    SeveralSessions,
    /// The memory store is in use in production.
    #[error(
        "sessions are kept in this process's memory: a restart loses them and other processes do not see them; use another \
         store, or `production(false)` where that is fine"
    )]
    MemoryInProduction,
}

impl Warning {
    /// The warning with all its causes, outermost first, joined by `: `.
    pub fn report(&self) -> impl fmt::Display + '_ {
        Chain(self)
    }
}
