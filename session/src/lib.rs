//! Strongly typed sessions for web applications.

#![forbid(unsafe_code)]

#[cfg(feature = "memory")]
mod memory;

#[cfg(feature = "memory")]
pub use memory::{MemoryStore, MemoryStoreBuilder};
pub use session_core::*;
#[cfg(feature = "derive")]
pub use session_derive::Databag;

/// What generated code uses. Not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use session_core::__private::*;
    pub use session_core::{Codec, CodecError, Data, Databag, Field};
}
