//! Sessions in actix-web: the middleware, the extractor, and errors as responses.

mod convert;
mod error;
mod extractor;
mod future;
mod guard;
mod middleware;
mod request;
mod signed_in;

#[cfg(feature = "csrf")]
pub(crate) use convert::{headers_of, method_of, uri_of};
#[cfg(feature = "csrf")]
pub(crate) use error::response;
pub use guard::GuardMiddlewareService;
pub use middleware::{SessionMiddleware, SessionMiddlewareService};
