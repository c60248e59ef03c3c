//! Sessions in HTTP, whatever the framework: token in, one commit, headers out.

mod attributes;
mod connection;
mod forwarded;
mod headers;
mod manual;
mod outgoing;
mod path;
mod request_cookies;
mod reserved;
mod set_cookie;
mod settings;
mod transport;

#[cfg(feature = "tower")]
mod any_session;
#[cfg(feature = "tower")]
mod finish;
#[cfg(feature = "tower")]
mod rejection;
#[cfg(feature = "tower")]
mod slot;
#[cfg(feature = "tower")]
mod unused;

pub use attributes::{CookieAttributes, SameSite, Secure};
pub use connection::Connection;
#[cfg(feature = "tower")]
pub(crate) use finish::{Finish, Finishing};
#[cfg(feature = "tower")]
pub use rejection::SessionRejection;
pub(crate) use settings::TransportBuilder;
#[cfg(feature = "tower")]
pub(crate) use slot::{Slot, open};
pub use transport::RequestInfo;
pub(crate) use transport::{Incoming, Transport};
#[cfg(feature = "tower")]
pub(crate) use unused::{OpenUnused, Unused, open_unused};
