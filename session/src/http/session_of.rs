//! The session of a request that passed through a layer or middleware of this crate.

use super::exchange::Exchange;
use crate::databag::Databag;
use crate::error::{Error, SessionRejection};
use crate::events::Hooks;
use crate::session::Session;

/// The session of the exchange that was found in a request's extensions, if one was.
pub(crate) async fn session_of<T: Databag>(
    exchange: Option<Exchange>,
) -> Result<Session<T>, SessionRejection> {
    let Some(exchange) = exchange else {
        let rejection = SessionRejection::MissingLayer;
        // There is no layer, so it has no callbacks.
        Hooks::default().error(&Error::Rejected(rejection.clone()));
        return Err(rejection);
    };
    exchange.session().await
}
