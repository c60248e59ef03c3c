//! Sessions, through the public interface.

#[cfg(feature = "memory")]
mod memory;
