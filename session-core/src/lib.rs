//! What [`session`](https://docs.rs/session) and its store crates share.
//!
//! Applications use the crate `session`. This crate is for authors of stores: it holds the
//! [`Store`] contract, the [`Record`] a store keeps, the [`Patch`] a request sends it, the
//! [`Token`] a client holds, and the suite in `conformance` (a feature) that checks
//! a store against the contract.
//!
//! # A store in about a hundred lines
//!
//! ```
#![doc = include_str!("docs/custom_store.rs")]
//! ```

#![forbid(unsafe_code)]

mod bounded;
mod codec;
mod data;
mod databag;
mod erased;
mod error;
mod handle;
mod lock;
mod patch;
mod record;
mod store;
mod time;
mod token;
mod wire;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use codec::{Codec, CodecError};
pub use data::{Data, Ignored};
pub use databag::{Databag, Field};
pub use erased::{BoxFuture, DynStore};
pub use error::{BoxError, StoreError};
pub use handle::{HandleId, ParseHandleIdError};
pub use patch::{Change, Limits, Patch};
pub use record::{Conflict, Corrupt, Fields, Meta, Record};
pub use store::{Cursor, Page, Store, Written};
pub use time::{Clock, ManualClock, Timestamp};
pub use token::{StoreKey, Token, TokenSource};

/// What generated code uses. Not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::codec::{decode, encode};
}
