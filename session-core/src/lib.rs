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

mod capabilities;
mod erased;
mod error;
mod field;
mod handle;
mod meta;
mod page;
mod patch;
mod published;
mod record;
mod revocations;
mod session_limit;
mod stack;
mod store;
mod strength;
mod time;
mod token;
pub mod value;
mod wire;
mod wrapper;
mod write_outcome;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use capabilities::Capabilities;
pub use erased::{BoxFuture, DynStore};
pub use error::{BoxError, StoreError};
pub use field::{Field, Kind, Lookup};
pub use handle::{HandleId, ParseHandleIdError};
pub use meta::Meta;
pub use page::{Cursor, Page};
pub use patch::{Change, Deadlines, Patch};
pub use record::{Conflict, Corrupt, Fields, Record};
pub use revocations::{Floor, MemoryRevocations, Revocations};
pub use session_limit::{Evict, SessionLimit};
pub use store::Store;
pub use time::Timestamp;
pub use token::{StoreKey, Token, TokenSource};
pub use value::{is_indexed, is_kept, is_principal};
pub use wrapper::Wrapper;
pub use write_outcome::WriteOutcome;

/// What stores that seal with keys share. Not part of the interface.
#[doc(hidden)]
pub mod __keys {
    pub use crate::stack::wiped;
    pub use crate::strength::{Weakness, check, is_placeholder, is_words};
}
