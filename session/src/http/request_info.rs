//! Information about a request: headers, URI, connection and client address.

use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;

use http::{Extensions, HeaderMap, HeaderName, Uri};

use super::connection::Connection;

static UNKNOWN: LazyLock<Uri> = LazyLock::new(Uri::default);

/// Information about a request: created by framework adapters, and passed to functions that choose the cookie's
/// attributes.
///
/// ```
/// use session::{Connection, RequestInfo};
///
/// # let request = http::Request::new(());
/// let info = RequestInfo::new(request.headers(), request.uri()).with_connection(Connection::Tls);
/// # assert_eq!(info.connection, Some(Connection::Tls));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RequestInfo<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The request's URI; `/` where it is not known.
    pub uri: &'a Uri,
    /// The connection of the request, if known.
    pub connection: Option<Connection>,
    /// The address of the client, if it was [set](RequestInfo::with_client). In
    /// [`cookie_per_request`](crate::Builder::cookie_per_request) also that of a [`ClientAddr`](crate::ClientAddr) in the extensions, or of a
    /// trusted proxy.
    pub client: Option<IpAddr>,
    pub(super) is_uri_known: bool,
    pub(super) extensions: Option<&'a Extensions>,
}

impl<'a> RequestInfo<'a> {
    /// Creates the information about a request with these headers and this URI.
    pub fn new(headers: &'a HeaderMap, uri: &'a Uri) -> Self {
        Self { headers, uri, connection: None, client: None, is_uri_known: true, extensions: None }
    }

    /// Creates the information about a request with these headers and an unknown URI, which is treated as inside of the
    /// cookie's path.
    pub fn of_headers(headers: &'a HeaderMap) -> Self {
        Self { is_uri_known: false, ..Self::new(headers, &UNKNOWN) }
    }

    /// Takes the [`Connection`] and the [`ClientAddr`](crate::ClientAddr) from the request's extensions, and with the feature `axum` the
    /// URI before nested routers changed it.
    #[must_use]
    pub fn with_extensions(mut self, extensions: &'a Extensions) -> Self {
        self.connection = self.connection.or_else(|| extensions.get().copied());
        self.extensions = Some(extensions);
        self
    }

    /// Sets the connection.
    #[must_use]
    pub fn with_connection(mut self, connection: Connection) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Sets the address of the client.
    #[must_use]
    pub fn with_client(mut self, client: IpAddr) -> Self {
        self.client = Some(client);
        self
    }
}

impl fmt::Debug for RequestInfo<'_> {
    /// Prints the names of headers and the path. Values and queries may contain credentials, and an address identifies a
    /// person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestInfo")
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("path", &self.uri.path())
            .field("connection", &self.connection)
            .finish()
    }
}
