//! Errors of sessions.

use std::fmt;
#[cfg(feature = "http")]
use std::sync::Arc;

use session_core::StoreError;

use crate::codec::CodecError;
#[cfg(feature = "http")]
use crate::config_error::ConfigError;
use crate::report::Chain;

/// An error of a session operation.
///
/// Neither it nor its sources contain a token or the value of a field. Its text does not repeat that of its
/// sources; [`report`](Error::report) shows them all.
///
/// With the features `axum` and `actix` it is a response: handlers may return `Result<_, session::Error>`. The client gets the
/// [status](Error::status), and the details in debug builds only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The session could not be loaded; whether it exists is unknown.
    #[error("the session could not be loaded")]
    Load(#[source] StoreError),
    /// The session could not be saved. After [`StoreError::Unavailable`] and [`StoreError::Timeout`] it may be saved
    /// nevertheless, if only the store's reply was lost; after any other cause nothing was written.
    #[error("the session could not be saved{}", after_failed_write(.0))]
    Save(#[source] StoreError),
    /// The idle deadline could not be moved. The session lives until the old one.
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
    /// The principal has the maximum number of sessions; nothing was written, and the principal of the session is
    /// unchanged.
    #[error("the user has as many sessions as are allowed; nothing was written, end one of them first")]
    TooManySessions,
    /// A lookup did not set exactly one indexed field.
    #[error("sessions are found by one field marked `principal` or `index`; set exactly one such field")]
    NotIndexed,
    /// A value was claimed through a copy of a session, in a listener or a list.
    #[error(
        "this data is a copy for a listener or a list, so nothing can be claimed; find the session by its token"
    )]
    Detached,
    /// A value was claimed on a store that may return it to more than one request.
    #[error(
        "the {store} store cannot tell which request claims first; use a store on the server, or one that is revocable"
    )]
    Unclaimable {
        /// The store's name.
        store: &'static str,
    },
    /// The response headers were sent, so a token can no longer be set, nor one deleted that only the client
    /// holds; nothing was written.
    #[error(
        "the client needs a new token, but the response has already been sent; nothing was written, create, renew \
         and destroy sessions before the response"
    )]
    HeadersSent,
    /// The last handle or accessors of a session were dropped with unsaved changes: changes made after the
    /// response, or to a session of a [`SessionManager`](crate::SessionManager). A task that uses `session.data` alone
    /// captures the accessors without the session, and cannot save it.
    #[error(
        "changes to a session were dropped unsaved; call `save().await` after making them, on a `Session` kept until then"
    )]
    Unsaved,
    /// A handler did not get its session because of a misconfiguration.
    #[cfg(feature = "http")]
    #[error(transparent)]
    Rejected(#[from] SessionRejection),
    /// The attributes that a per-request function gave the cookie contradict each other; nothing was written.
    #[cfg(feature = "http")]
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

    /// Returns the HTTP status for the response: 409 for a conflict with another request or a limit, 404 if there is no
    /// such session, 503 if a retry may succeed, and 500 otherwise.
    #[cfg(feature = "http")]
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::Gone | Self::Conflict { .. } | Self::TooManySessions => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Load(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Save(cause) | Self::Touch(cause) | Self::Destroy(cause) | Self::Manage(cause)
                if is_transient(cause) =>
            {
                StatusCode::SERVICE_UNAVAILABLE
            }
            #[cfg(feature = "http")]
            Self::Rejected(rejection) => rejection.status(),
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Whether a retry may succeed.
fn is_transient(cause: &StoreError) -> bool {
    matches!(cause, StoreError::Unavailable(_) | StoreError::Timeout)
}

/// The state of a session after a failed write, as the error's text ends.
fn after_failed_write(cause: &StoreError) -> &'static str {
    if is_transient(cause) {
        ", unless only the answer was lost; call `reload().await` before repeating what must not happen twice"
    } else {
        "; nothing was written"
    }
}

/// The rejection of the session extractor.
#[cfg(feature = "http")]
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionRejection {
    /// The request did not pass through a layer or middleware: there is none, or the route or middleware is outside of it.
    /// Status 500.
    #[error(
        "no session layer around this route or middleware; add `.layer(session::SessionLayer::new(store))` to the \
         router, below its routes and below all middleware that uses the session: axum runs the layer added last first; in \
         actix-web, add `.wrap(session::SessionMiddleware::new(store))` to the app or scope, below all middleware that uses \
         the session"
    )]
    MissingLayer,
    /// The databag is incompatible with the layer's store, with another databag of this request's session, or with the
    /// stored session. Status 500.
    #[error(transparent)]
    Databag(ConfigError),
    /// A [guard](crate::guard) covers the page to which it redirects, so that it would redirect for ever. Status 500.
    #[error(
        "a guard covers the page `{page}` to which it redirects; add it with `route_layer` to the routes that it protects, \
         before the others are added"
    )]
    RedirectLoop {
        /// The path of the page.
        page: String,
    },
    /// The session could not be loaded; whether one exists is unknown. Status 503.
    #[error("the session is unavailable, which is not the same as empty; let the client try again later")]
    Unavailable(#[source] Arc<Error>),
}

#[cfg(feature = "http")]
impl SessionRejection {
    /// Returns the status for the response.
    pub fn status(&self) -> http::StatusCode {
        match self {
            Self::MissingLayer | Self::Databag(_) | Self::RedirectLoop { .. } => {
                http::StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Unavailable(error) => error.status(),
        }
    }
}
