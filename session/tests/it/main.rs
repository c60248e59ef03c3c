//! Sessions, through the public interface.

mod default;
mod expiry;
mod handle;
mod lifecycle;
mod listeners;
mod manager;
mod original;
mod renewal;
mod secrecy;
mod support;
mod tokens;
