//! Sessions, through the public interface.

mod expiry;
mod lifecycle;
mod renewal;
mod support;
