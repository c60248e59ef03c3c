//! Extractors for axum, and errors as responses.

mod responses;
mod return_to;
mod session;
mod signed_in;

#[cfg(feature = "csrf")]
pub(crate) use responses::response;
