//! Whether a request came over TLS.

use http::{Extensions, HeaderMap, Uri};

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
    /// How the request came, as far as can be known. A proxy's word replaces everything else where it is trusted;
    /// saying nothing then means plain.
    pub(crate) fn of(
        uri: &Uri,
        headers: &HeaderMap,
        extensions: &Extensions,
        trust_proxy: bool,
    ) -> Option<Self> {
        if trust_proxy {
            let first = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
            let scheme = first.and_then(|value| value.split(',').next()).map(str::trim);
            let https = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
            return Some(if https { Self::Tls } else { Self::Plain });
        }
        extensions.get().copied().or_else(|| match uri.scheme_str() {
            Some("https" | "wss") => Some(Self::Tls),
            Some(_) => Some(Self::Plain),
            None => None,
        })
    }
}
