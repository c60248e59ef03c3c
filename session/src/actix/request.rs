//! What an exchange reads of a request.

use actix_web::{HttpMessage as _, HttpRequest};

use super::convert::{headers_of, uri_of};
use crate::http::{ClientAddr, Connection, Exchange, RequestInfo};

/// Lets the exchange read the request, unless it did already.
pub(super) fn read(exchange: &Exchange, request: &HttpRequest) {
    if !exchange.is_read() {
        with_info(request, |info| exchange.read(info));
    }
}

/// Calls a function with what this crate reads of a request.
pub(super) fn with_info<R>(request: &HttpRequest, read: impl FnOnce(&RequestInfo<'_>) -> R) -> R {
    let (headers, uri) = (headers_of(request.headers()), uri_of(request.uri()));
    let mut info = match &uri {
        Some(uri) => RequestInfo::new(&headers, uri),
        None => RequestInfo::of_headers(&headers),
    };
    info.connection = connection(request);
    info.client = client_addr(request).map(|ClientAddr(address)| address);
    read(&info)
}

/// A server without TLS does not know whether the client is connected by plain HTTP: a proxy may receive TLS for it.
fn connection(request: &HttpRequest) -> Option<Connection> {
    let known = request.extensions().get().copied();
    known.or_else(|| request.app_config().secure().then_some(Connection::Tls))
}

fn client_addr(request: &HttpRequest) -> Option<ClientAddr> {
    let known = request.extensions().get().copied();
    known.or_else(|| request.peer_addr().map(|peer| ClientAddr(peer.ip())))
}
