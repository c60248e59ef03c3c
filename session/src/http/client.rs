//! The client of a request: user agent and network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderValue;
use http::header::USER_AGENT;
use session_core::Bind;

use super::client_addr::ClientAddr;
use super::forwarded;
use super::request_info::RequestInfo;

/// The maximum number of bytes of a user agent that are stored.
const MAX_USER_AGENT: usize = 256;

/// Properties of the client of a request that fields can be bound to.
#[derive(Clone)]
pub(crate) struct Client {
    user_agent: Option<HeaderValue>,
    address: Option<IpAddr>,
}

impl Client {
    pub(super) fn read(request: &RequestInfo<'_>, trust_proxy: bool) -> Self {
        Self { user_agent: request.headers.get(USER_AGENT).cloned(), address: address(request, trust_proxy) }
    }

    /// The value of a field that is bound to this property; `None` if the request does not contain it.
    pub(crate) fn value(&self, bind: Bind) -> Option<String> {
        match bind {
            Bind::UserAgent => self.user_agent.as_ref().and_then(user_agent),
            Bind::Network => self.address.map(network),
            _ => None,
        }
    }
}

/// The client's address, if known. The header of a trusted proxy takes precedence.
pub(super) fn address(request: &RequestInfo<'_>, trust_proxy: bool) -> Option<IpAddr> {
    if trust_proxy {
        return forwarded::client(request.headers);
    }
    let extension = || request.extensions?.get().map(|ClientAddr(address)| *address);
    request.client.or_else(extension)
}

fn user_agent(value: &HeaderValue) -> Option<String> {
    let text = String::from_utf8_lossy(value.as_bytes());
    let mut end = text.len().min(MAX_USER_AGENT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (end > 0).then(|| text[..end].to_owned())
}

/// The network of an address: the first 24 bits of IPv4 and 48 of IPv6, which is what providers assign to one customer,
/// or less.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}
