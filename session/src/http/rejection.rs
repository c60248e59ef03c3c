//! Why a handler may go without its session.

use std::sync::Arc;

use http::StatusCode;

use crate::{ConfigError, Error};

/// Why a handler does not get its session.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionRejection {
    /// The request did not come through a layer: there is none, or the route or middleware that asks is outside of it.
    /// Answered with status 500.
    #[error(
        "no session layer around this route or middleware; add `.layer(session::SessionLayer::new(store))` to the \
         router, below its routes and below all middleware that uses the session: axum runs the layer added last first"
    )]
    MissingLayer,
    /// The layer's manager, or an earlier extractor of this request, holds another databag. Answered with 500.
    #[error("this request's session holds another databag than `{0}`; use one databag in a request")]
    WrongDatabag(&'static str),
    /// The layer's store cannot keep what the databag's fields promise. Answered with status 500.
    #[error(transparent)]
    Unserved(ConfigError),
    /// The store cannot tell whether there is a session; there may well be one. Answered with status 503.
    #[error("the session is unavailable, which is not the same as empty; let the client try again later")]
    Unavailable(#[source] Arc<Error>),
}

impl SessionRejection {
    /// The status that answers it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MissingLayer | Self::WrongDatabag(_) | Self::Unserved(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Unavailable(error) => error.status(),
        }
    }
}
