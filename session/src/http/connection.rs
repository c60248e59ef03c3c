//! Whether a request came over TLS.

use http::{Extensions, HeaderMap, Uri};

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
    /// How the request came, as far as can be known. A trusted proxy's word replaces everything else.
    pub(crate) fn of(
        uri: &Uri,
        headers: &HeaderMap,
        extensions: &Extensions,
        trust_proxy: bool,
    ) -> Option<Self> {
        if trust_proxy {
            return Some(if forwarded::is_https(headers) { Self::Tls } else { Self::Plain });
        }
        extensions.get().copied().or_else(|| match uri.scheme_str() {
            Some("https" | "wss") => Some(Self::Tls),
            Some(_) => Some(Self::Plain),
            None => None,
        })
    }
}
