//! Sessions, through the public interface.

mod default;
mod expiry;
mod lifecycle;
mod manager;
mod renewal;
mod support;
