//! Connections with and without TLS.

use http::{HeaderMap, Uri};

use super::forwarded;

/// The connection of a request. Servers and middleware that know it insert one into the request's extensions.
///
/// Without it the scheme of the request's URI is used, which HTTP/1.1 requests seldom have. A server of actix-web with TLS is
/// known to be one.
///
/// ```
/// # let mut request = http::Request::new(());
/// request.extensions_mut().insert(session::Connection::Tls);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Encrypted.
    Tls,
    /// Known to be plain HTTP.
    Plain,
}

impl Connection {
    /// The connection of a request, if known. The header of a trusted proxy takes precedence.
    pub(super) fn of(known: Option<Self>, uri: &Uri, headers: &HeaderMap, trust_proxy: bool) -> Option<Self> {
        if trust_proxy {
            return Some(if forwarded::is_https(headers) { Self::Tls } else { Self::Plain });
        }
        known.or_else(|| match uri.scheme_str() {
            Some("https" | "wss") => Some(Self::Tls),
            Some(_) => Some(Self::Plain),
            None => None,
        })
    }
}
