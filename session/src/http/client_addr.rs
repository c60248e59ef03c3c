//! The address of the client, provided by servers and middleware.

use std::net::IpAddr;

/// The address of the client. Servers and middleware that know it insert one into the request's extensions. In actix-web it is
/// that of the connection's peer where there is none.
///
/// Only [`#[databag(bind = "network")]`](crate::guide::bind) uses it. With [`trust_proxy`](crate::Builder::trust_proxy) the
/// header of the proxy takes precedence.
///
/// ```
/// # use std::net::SocketAddr;
/// # let peer: SocketAddr = "203.0.113.7:50123".parse().unwrap();
/// # let mut request = http::Request::new(());
/// request.extensions_mut().insert(session::ClientAddr(peer.ip()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);
