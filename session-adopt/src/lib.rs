#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "postgres", feature = "redis", feature = "sqlite")),
    allow(dead_code, reason = "each store uses a part of what they have in common")
)]

// The contract.
mod old_cookie;
mod old_session;
mod old_sessions;

// The libraries whose sessions are read.
pub mod actix_session;
#[cfg(any(feature = "postgres", feature = "redis"))]
pub mod axum_session;
pub mod tower_sessions;

// Where their sessions are.
mod backend;
mod format;
mod old_store;
mod successor;

pub use cookie::Key;
pub use old_cookie::OldCookie;
pub use old_session::{OldSession, UnreadableValue};
pub use old_sessions::{Found, OldSessions};
pub use old_store::OldStore;
