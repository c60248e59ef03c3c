//! Sessions over HTTP, independent of the framework: tokens in, one commit, headers out.

#[cfg(feature = "adopt")]
mod adopt;
mod attributes;
mod builder;
mod client;
mod client_addr;
mod commit_result;
mod connection;
mod description;
#[cfg(any(feature = "actix", feature = "axum"))]
mod error_body;
mod exchange;
mod forwarded;
mod guard;
mod handler_future;
mod headers;
mod manager;
mod navigation;
mod path;
mod presented;
mod request_cookies;
mod request_info;
mod reserved;
mod respond;
mod return_to;
mod send;
#[cfg(any(feature = "actix", feature = "tower"))]
mod session_of;
mod set_cookie;
mod settings;
mod site_data;
mod transport;

#[cfg(feature = "adopt")]
pub(crate) use adopt::Adoption;
pub use attributes::{CookieAttributes, Priority, SameSite, Secure};
pub use client_addr::ClientAddr;
pub use commit_result::CommitResult;
pub use connection::Connection;
#[cfg(all(any(feature = "actix", feature = "axum"), feature = "csrf"))]
pub(crate) use error_body::explain;
pub use exchange::{Exchange, Finish};
pub use guard::{Guard, GuardResponse, guard};
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) use handler_future::HandlerFuture;
pub(crate) use presented::Presented;
pub use request_info::RequestInfo;
pub use return_to::ReturnTo;
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) use session_of::session_of;
pub(crate) use settings::TransportSettings;
pub use site_data::SiteData;
pub(crate) use transport::Transport;
