//! What is known of a request.

use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;

use http::{Extensions, HeaderMap, HeaderName, Uri};

use super::client_addr::ClientAddr;
use super::connection::Connection;

static UNKNOWN: LazyLock<Uri> = LazyLock::new(Uri::default);

/// What is known of a request: made by framework adapters, and shown to functions that choose the cookie's attributes.
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
    /// How the request came, as far as it is known.
    pub connection: Option<Connection>,
    /// The address of the client, as far as it is known.
    pub client: Option<IpAddr>,
    pub(super) is_uri_known: bool,
    pub(super) extensions: Option<&'a Extensions>,
}

impl<'a> RequestInfo<'a> {
    /// A request with these headers and this URI.
    pub fn new(headers: &'a HeaderMap, uri: &'a Uri) -> Self {
        Self { headers, uri, connection: None, client: None, is_uri_known: true, extensions: None }
    }

    /// A request with these headers, to an unknown URI: it counts as inside of the cookie's path.
    pub fn of_headers(headers: &'a HeaderMap) -> Self {
        Self { is_uri_known: false, ..Self::new(headers, &UNKNOWN) }
    }

    /// Looks up in the request's extensions what is known of the connection, a [`Connection`], and of the client, a
    /// [`ClientAddr`], and with the feature `axum` the URI before nested routers changed it.
    #[must_use]
    pub fn with_extensions(mut self, extensions: &'a Extensions) -> Self {
        self.connection = self.connection.or_else(|| extensions.get().copied());
        self.client = self.client.or_else(|| extensions.get().map(|ClientAddr(address)| *address));
        self.extensions = Some(extensions);
        self
    }

    /// Says how the request came.
    #[must_use]
    pub fn with_connection(mut self, connection: Connection) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Says from which address the request came.
    #[must_use]
    pub fn with_client(mut self, client: IpAddr) -> Self {
        self.client = Some(client);
        self
    }
}

impl fmt::Debug for RequestInfo<'_> {
    /// Shows the names of headers and the path, since values and queries carry credentials and the address names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestInfo")
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("path", &self.uri.path())
            .field("connection", &self.connection)
            .finish()
    }
}
