//! Sessions, through the public interface.

mod lifecycle;
#[cfg(feature = "memory")]
mod memory;
mod support;
