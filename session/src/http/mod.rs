//! Sessions in HTTP, whatever the framework: token in, one commit, headers out.

mod attributes;
mod connection;
mod headers;
mod manual;
mod set_cookie;
mod slot;
mod transport;
#[cfg(feature = "tower")]
mod unused;

pub use attributes::{CookieAttributes, SameSite, Secure};
pub use connection::Connection;
pub use slot::SessionRejection;
#[cfg(feature = "tower")]
pub(crate) use slot::{Finish, Slot, open};
pub use transport::RequestInfo;
pub(crate) use transport::{Incoming, Transport, TransportBuilder};
#[cfg(feature = "tower")]
pub(crate) use unused::{OpenUnused, Unused, open_unused};
