//! Sessions that other libraries made, continued by this one.

mod actix_session;
mod axum_session;
mod site;
mod tower_sessions;
