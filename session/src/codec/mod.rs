//! Fields to bytes and back.
//!
//! A value is a header ([`header`]) and what the codec wrote. The header names the codec, so that bytes are read as they
//! were written whatever a field asks for today.

#[cfg(feature = "bincode")]
mod bincode;
mod bounded;
mod checked;
mod counter;
mod enabled;
mod error;
mod format;
pub(crate) mod header;
mod json;
mod message_pack;
mod value;
mod with;

pub use self::counter::{Count, decode_counter, encode_counter};
pub use self::enabled::{Bincode, Enabled};
pub use self::error::CodecError;
pub(crate) use self::value::is_none;
pub use self::value::{Codec, decode, encode};
pub use self::with::{With, decode_with, encode_with};
