//! Sessions as tower middleware.

mod future;
mod layer;

pub use future::ResponseFuture;
pub use layer::{SessionLayer, SessionService};
