//! Sessions in actix-web: the middleware, the extractor, and errors as responses.

mod convert;
mod error;
mod extractor;
mod future;
mod middleware;
mod request;

pub use middleware::{SessionMiddleware, SessionMiddlewareService};
