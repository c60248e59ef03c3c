//! The header of stored values.
//!
//! The tag's low three bits name the codec; the next says that the value names the session's principal. The others say that
//! a version follows, in 4 bytes, low byte first; that a deadline follows, in milliseconds as 8 bytes, low byte first; that
//! sessions are found by the value; and that it is kept when the session changes hands.

use session_core::Timestamp;
use session_core::value::{CODEC, INDEXED, KEPT, PRINCIPAL};

use super::error::CodecError;
use super::format::MAX_VALUE;

pub(crate) const HAS_VERSION: u8 = 0b0001_0000;
const HAS_DEADLINE: u8 = 0b0010_0000;

/// A stored value, taken apart.
pub(crate) struct Value<'a> {
    pub(crate) codec: u8,
    pub(crate) version: Option<u32>,
    /// When it expires, if it does before its session.
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) payload: &'a [u8],
}

impl<'a> Value<'a> {
    pub(crate) fn split(mut payload: &'a [u8]) -> Option<Self> {
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

/// When a stored value expires, if it does before its session.
#[inline]
pub(crate) fn deadline(value: &[u8]) -> Option<Timestamp> {
    if *value.first()? & HAS_DEADLINE == 0 {
        return None;
    }
    Value::split(value)?.deadline
}

/// Sets marks ([`INDEXED`], [`KEPT`], [`PRINCIPAL`]) and a deadline in the header of an encoded value that has none.
///
/// # Errors
///
/// [`CodecError::TooLarge`] when a deadline makes it so.
#[inline]
pub(crate) fn mark(value: &mut Vec<u8>, marks: u8, deadline: Option<Timestamp>) -> Result<(), CodecError> {
    if let Some(tag) = value.first_mut() {
        *tag |= marks;
    }
    match deadline {
        Some(deadline) => expire(value, deadline),
        None => Ok(()),
    }
}

fn expire(value: &mut Vec<u8>, deadline: Timestamp) -> Result<(), CodecError> {
    if let Some(split) = Value::split(value) {
        let at = value.len() - split.payload.len();
        value.splice(at..at, deadline.as_millis().to_le_bytes());
        value[0] |= HAS_DEADLINE;
    }
    if value.len() > MAX_VALUE { Err(CodecError::TooLarge) } else { Ok(()) }
}

/// Whether two stored values are the same but for whether sessions are found by them and whether they are kept.
pub(crate) fn same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    fn parts(value: Option<&[u8]>) -> Option<(u8, &[u8])> {
        value.and_then(<[u8]>::split_first).map(|(tag, rest)| (tag & !(PRINCIPAL | INDEXED | KEPT), rest))
    }
    parts(one) == parts(other)
}

/// Takes `N` bytes off the front.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}
