//! The session of a request that passed through a layer.

use ::http::{Extensions, Request};

use crate::databag::Databag;
use crate::error::SessionRejection;
use crate::http::{self, Exchange, RequestInfo};
use crate::session::Session;

/// The session of a request whose extensions have an exchange, put there by a layer.
pub(crate) fn session_of<T: Databag>(
    request: &RequestInfo<'_>,
    extensions: &Extensions,
) -> impl Future<Output = Result<Session<T>, SessionRejection>> + Send + use<T> {
    let exchange = extensions.get::<Exchange>().cloned();
    if let Some(exchange) = &exchange {
        exchange.read(request);
    }
    http::session_of(exchange)
}

pub(super) fn request_info<B>(request: &Request<B>) -> RequestInfo<'_> {
    RequestInfo::new(request.headers(), request.uri()).with_extensions(request.extensions())
}
