//! The address of the client, from servers and middleware.

use std::net::IpAddr;

/// The address of the client, for servers and middleware that know: put one into the request's extensions.
///
/// Only [`#[databag(bind = "network")]`](crate::guide::bind) uses it. With [`trust_proxy`](crate::Builder::trust_proxy) the
/// proxy's word replaces it.
///
/// ```
/// # use std::net::SocketAddr;
/// # let peer: SocketAddr = "203.0.113.7:50123".parse().unwrap();
/// # let mut request = http::Request::new(());
/// request.extensions_mut().insert(session::ClientAddr(peer.ip()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);
