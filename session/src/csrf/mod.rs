#![doc = include_str!("../docs/csrf.md")]

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
mod layer;
mod origin;
mod refusal;
pub(crate) mod secret;
mod token;

#[cfg(feature = "actix")]
pub use self::actix::CsrfMiddlewareService;
pub use layer::{CsrfLayer, CsrfService, ResponseFuture};
pub use origin::InvalidOrigin;
pub use refusal::CsrfRefusal;
pub use token::CsrfToken;
