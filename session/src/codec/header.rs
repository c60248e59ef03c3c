//! The header of encoded values.
//!
//! | part | size | present |
//! |---|---|---|
//! | tag | 1 byte | always |
//! | version of the field, little-endian | 4 bytes | if the tag has [`HAS_VERSION`] |
//! | deadline in milliseconds, little-endian | 8 bytes | if the tag has [`HAS_DEADLINE`] |
//!
//! The tag's low three bits are the codec's number. [`PRINCIPAL`] marks the principal's value, [`INDEXED`] a value that
//! sessions are looked up by, [`KEPT`] one that survives a change of the principal.

use session_core::Timestamp;
use session_core::value::{CODEC, INDEXED, KEPT, PRINCIPAL};

use super::error::CodecError;
use super::limits::MAX_SIZE;

pub(super) const HAS_VERSION: u8 = 0b0001_0000;
const HAS_DEADLINE: u8 = 0b0010_0000;

/// A value split into its header and its payload.
pub(super) struct EncodedValue<'a> {
    pub(super) codec: u8,
    pub(super) version: Option<u32>,
    /// When the value expires, if before its session.
    deadline: Option<Timestamp>,
    pub(super) payload: &'a [u8],
}

impl<'a> EncodedValue<'a> {
    pub(super) fn split(mut payload: &'a [u8]) -> Option<Self> {
        let [tag] = take(&mut payload)?;
        let version = match tag & HAS_VERSION {
            0 => None,
            _ => Some(u32::from_le_bytes(take(&mut payload)?)),
        };
        let deadline = match tag & HAS_DEADLINE {
            0 => None,
            _ => Some(Timestamp::from_millis(u64::from_le_bytes(take(&mut payload)?))),
        };
        Some(Self { codec: tag & CODEC, version, deadline, payload })
    }
}

/// Returns when a value expires, if before its session.
#[inline]
pub(crate) fn deadline(value: &[u8]) -> Option<Timestamp> {
    if *value.first()? & HAS_DEADLINE == 0 {
        return None;
    }
    EncodedValue::split(value)?.deadline
}

/// Sets flags ([`INDEXED`], [`KEPT`], [`PRINCIPAL`]) and a deadline in the header of a value that has none of them.
///
/// # Errors
///
/// [`CodecError::TooLarge`] when the deadline makes the value too large.
#[inline]
pub(crate) fn mark(value: &mut Vec<u8>, flags: u8, deadline: Option<Timestamp>) -> Result<(), CodecError> {
    if let Some(tag) = value.first_mut() {
        *tag |= flags;
    }
    match deadline {
        Some(deadline) => insert_deadline(value, deadline),
        None => Ok(()),
    }
}

fn insert_deadline(value: &mut Vec<u8>, deadline: Timestamp) -> Result<(), CodecError> {
    if let Some(split) = EncodedValue::split(value) {
        let at = value.len() - split.payload.len();
        value.splice(at..at, deadline.as_millis().to_le_bytes());
        value[0] |= HAS_DEADLINE;
    }
    if value.len() > MAX_SIZE { Err(CodecError::TooLarge) } else { Ok(()) }
}

/// Whether two values are equal apart from the flags [`PRINCIPAL`], [`INDEXED`] and [`KEPT`].
pub(crate) fn same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    fn without_flags(value: Option<&[u8]>) -> Option<(u8, &[u8])> {
        value.and_then(<[u8]>::split_first).map(|(tag, rest)| (tag & !(PRINCIPAL | INDEXED | KEPT), rest))
    }
    without_flags(one) == without_flags(other)
}

/// Splits `N` bytes off the front.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}
