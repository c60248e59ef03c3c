//! Sessions, through the public interface.

mod lifecycle;
mod renewal;
mod support;
