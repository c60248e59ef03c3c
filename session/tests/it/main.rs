//! Sessions, through the public interface.

mod lifecycle;
mod memory;
mod support;
