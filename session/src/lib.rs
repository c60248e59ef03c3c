//! Strongly typed sessions for web applications.

#![forbid(unsafe_code)]

pub use session_core::*;
#[cfg(feature = "derive")]
#[doc = include_str!("docs/databag.md")]
pub use session_derive::Databag;

/// What generated code uses. Not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use core::clone::Clone;
    pub use core::convert::Into;
    pub use core::default::Default;
    pub use core::fmt;
    pub use core::marker::Send;
    pub use core::mem;
    pub use core::ops::FnOnce;
    pub use core::option::Option::{self, None, Some};
    pub use core::primitive::{bool, u8, usize};
    pub use core::result::Result::{self, Ok};
    pub use std::vec::Vec;

    pub use serde::de::{DeserializeOwned, Deserializer};
    pub use serde::ser::{Serialize, Serializer};
    pub use session_core::__private::*;
    pub use session_core::{Codec, CodecError, Data, Databag, Field};
}
