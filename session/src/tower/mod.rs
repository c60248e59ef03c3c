//! Sessions as tower middleware.

mod future;
mod guard;
mod layer;
mod request;

pub use future::ResponseFuture;
pub use guard::GuardService;
pub use layer::{SessionLayer, SessionService};
#[cfg(feature = "axum")]
pub(crate) use request::session_of;
