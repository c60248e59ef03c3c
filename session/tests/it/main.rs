//! Sessions, through the public interface.

mod default;
mod derive;
mod expiry;
mod handle;
mod lifecycle;
mod listeners;
mod manager;
mod memory;
mod original;
mod renewal;
mod secrecy;
mod support;
mod tokens;
