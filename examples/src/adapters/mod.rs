//! Sessions in web frameworks that `session` has no feature for, to be copied into an application.
//!
//! Each file is a whole adapter on [`session::Exchange`]: middleware that creates the exchange of a request and commits its
//! session with the response, and the way in which handlers of that framework obtain the session.

#[cfg(feature = "poem")]
pub mod poem;
#[cfg(feature = "rocket")]
pub mod rocket;
#[cfg(feature = "salvo")]
pub mod salvo;
