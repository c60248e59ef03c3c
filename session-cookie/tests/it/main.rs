//! Integration tests of the cookie store.

mod chunks;
mod contract;
mod envelope;
#[cfg(feature = "tracing")]
mod events;
mod groups;
mod keys;
mod known_answers;
mod nonces;
mod refusals;
mod revocation;
mod rotation;
mod support;
mod tampering;
#[cfg(target_os = "linux")]
mod wiping;
