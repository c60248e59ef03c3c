//! Sessions, through the public interface.

mod default;
mod expiry;
mod lifecycle;
mod listeners;
mod manager;
mod renewal;
mod support;
