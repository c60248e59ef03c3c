//! The session of a request that passed through a layer.

use http::{Extensions, Request};

use crate::databag::Databag;
use crate::error::{Error, SessionRejection};
use crate::events::Hooks;
use crate::http::{Exchange, RequestInfo};
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
    async move {
        let Some(exchange) = exchange else {
            let rejection = SessionRejection::MissingLayer;
            // There is no layer, so it has no callbacks.
            Hooks::default().error(&Error::Rejected(rejection.clone()));
            return Err(rejection);
        };
        exchange.session().await
    }
}

pub(super) fn request_info<B>(request: &Request<B>) -> RequestInfo<'_> {
    RequestInfo::new(request.headers(), request.uri()).with_extensions(request.extensions())
}
