//! Sessions in actix-web: the middleware, the extractor, and errors as responses.

mod convert;
mod error;
mod extractor;
mod future;
mod middleware;
mod request;
mod signed_in;

#[cfg(feature = "csrf")]
pub(crate) use error::response;
pub use middleware::{SessionMiddleware, SessionMiddlewareService};
