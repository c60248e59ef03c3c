#![doc = include_str!("../README.md")]
//!
//! # A store in about a hundred lines
//!
//! ```
#![doc = include_str!("docs/custom_store.rs")]
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The contract and its arguments and results.
mod capabilities;
mod error;
mod field;
mod page;
mod refusal;
mod session_limit;
mod store;
mod write_outcome;

// The data of a session.
mod apply;
mod change;
pub mod entry;
mod fields;
mod handle_id;
mod length_prefixed;
mod meta;
mod patch;
mod record;
mod store_key;
mod time;
mod token;
mod token_source;
pub mod value;

// Stores behind pointers, around other stores, and for sealed cookies.
mod dyn_store;
mod revocations;
mod wrapper;

// Keys of stores that encrypt.
mod key_strength;
mod published_keys;
#[cfg(feature = "seal")]
pub mod seal;
mod stack_wipe;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use apply::Conflict;
pub use capabilities::Capabilities;
pub use change::Change;
pub use dyn_store::{BoxFuture, DynStore};
pub use error::{BoxError, StoreError};
pub use field::{Bind, Field, Kind, Lookup};
pub use fields::Fields;
pub use handle_id::{HandleId, ParseHandleIdError};
pub use meta::Meta;
pub use page::{Cursor, Page, ParseCursorError};
pub use patch::{Deadlines, Patch};
pub use record::{Corrupt, Record};
pub use refusal::Refusal;
pub use revocations::{Floor, MemoryRevocations, Revocations};
pub use session_limit::{Evict, Limited, SessionLimit};
pub use store::Store;
pub use store_key::StoreKey;
pub use time::Timestamp;
pub use token::Token;
pub use token_source::TokenSource;
pub use wrapper::Wrapper;
pub use write_outcome::WriteOutcome;

// Their features make `aes-siv` zeroise its keys; they have no other use here.
#[cfg(feature = "seal")]
use {aes as _, cmac as _};

/// Key checks and stack zeroisation for the stores that encrypt. Not part of the public API.
#[doc(hidden)]
pub mod __keys {
    pub use crate::key_strength::{Weakness, check, is_placeholder, is_words};
    pub use crate::stack_wipe::with_stack_wiped;
}
