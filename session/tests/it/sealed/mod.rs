//! The cookie store, through the layer.

mod age;
mod chunks;
mod failures;
mod late;
mod lifecycle;
mod manager;
mod refusals;
mod remembered;
mod revocable;
mod rotation;
mod secrecy;
pub(crate) mod site;
mod stateless;
mod tampering;
mod too_large;
