//! Sessions as tower middleware.

mod future;
mod layer;
mod request;

pub use future::ResponseFuture;
pub use layer::{SessionLayer, SessionService};
#[cfg(feature = "axum")]
pub(crate) use request::session_of;
