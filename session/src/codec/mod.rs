//! Encoding and decoding of field values.
//!
//! An encoded value is a [`header`] followed by the output of the codec. The header names the codec, so that a value
//! stays readable after its field's `codec` changed.

#[cfg(feature = "bincode")]
mod bincode;
mod counter;
mod de;
mod entries;
mod entry_key;
mod error;
mod feature_gate;
mod format;
pub(crate) mod header;
mod json;
mod limits;
mod message_pack;
mod position;
mod ser;
mod value;
mod with;

pub use self::counter::{Count, decode_counter, encode_counter};
pub use self::entries::{CounterEntries, EncodedEntries, Entries, EntryMap};
pub(crate) use self::entry_key::KeyError;
pub use self::entry_key::entry_key;
pub use self::error::CodecError;
pub use self::feature_gate::{Bincode, Enabled};
pub use self::format::Codec;
pub(crate) use self::limits::MAX_ENTRIES;
pub(crate) use self::value::is_none;
pub use self::value::{decode, encode, value_as_json};
pub use self::with::{With, decode_with, encode_with};
