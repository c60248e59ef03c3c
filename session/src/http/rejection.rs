//! Why a handler may go without its session.

use std::sync::Arc;

use http::StatusCode;

use crate::{ConfigError, Error};

/// Why a handler does not get its session.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionRejection {
    /// The route has no layer. Answered with status 500.
    #[error("no session layer on this route; add `.layer(session::SessionLayer::new(store))` to the router")]
    MissingLayer,
    /// The layer's manager, or an earlier extractor of this request, holds another databag. Answered with 500.
    #[error("this request's session holds another databag than `{0}`; use one databag in a request")]
    WrongDatabag(&'static str),
    /// The layer's store cannot keep what the databag's fields promise. Answered with status 500.
    #[error(transparent)]
    Unserved(ConfigError),
    /// The store cannot tell whether there is a session; there may well be one. Answered with status 503.
    #[error("the session is unavailable")]
    Unavailable(#[source] Arc<Error>),
}

impl SessionRejection {
    /// The status that answers it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MissingLayer | Self::WrongDatabag(_) | Self::Unserved(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
