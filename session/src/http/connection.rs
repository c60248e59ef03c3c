//! Connections with and without TLS.

use http::{HeaderMap, Uri};

use super::forwarded;

/// How a request reached the server, for servers and middleware that know: put one into the request's extensions.
///
/// Without it the scheme of the request's URI counts, which HTTP/1.1 requests seldom have.
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
    /// How a request came, as far as it is known. A trusted proxy's word replaces everything else.
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
