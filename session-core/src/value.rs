//! What a stored value says of itself before its content.
//!
//! The tag's low four bits name the codec. The next bits say that a version follows, in LEB128; that a deadline
//! follows, in milliseconds as 8 bytes, low byte first; that sessions are found by the value; and that it is kept when
//! the session changes hands.

use crate::Timestamp;
use crate::codec::CodecError;
use crate::format::MAX_VALUE;
use crate::wire::{take_array, take_varint};

const CODEC_BITS: u8 = 0b0000_1111;
pub(crate) const HAS_VERSION: u8 = 0b0001_0000;
const HAS_DEADLINE: u8 = 0b0010_0000;
const INDEXED: u8 = 0b0100_0000;
const KEPT: u8 = 0b1000_0000;
/// A counter's number in decimal digits, so that a store can add to it without knowing a codec.
pub(crate) const COUNTER: u8 = 3;

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
        let [tag] = take_array(&mut payload)?;
        let version = match tag & HAS_VERSION {
            0 => None,
            _ => Some(u32::try_from(take_varint(&mut payload)?).ok()?),
        };
        let deadline = match tag & HAS_DEADLINE {
            0 => None,
            _ => Some(Timestamp::from_millis(u64::from_le_bytes(take_array(&mut payload)?))),
        };
        Some(Self { codec: tag & CODEC_BITS, version, deadline, payload })
    }
}

/// Whether sessions are found by this stored value: that of a `principal` or `index` field.
///
/// A store that can look sessions up sees it from the value's first byte, without knowing the databag.
///
/// ```
/// assert!(session_core::is_indexed(&[0x41, 7]));
/// assert!(!session_core::is_indexed(&[0x01, 7]));
/// ```
pub fn is_indexed(value: &[u8]) -> bool {
    value.first().is_some_and(|tag| tag & INDEXED != 0)
}

/// Whether this stored value outlives [`Patch::keep_only`](crate::Patch::keep_only): that of a `keep` field.
///
/// The value says so itself, since neither a store nor a request knows every databag of a session.
///
/// ```
/// assert!(session_core::is_kept(&[0x81, 7]));
/// assert!(!session_core::is_kept(&[0x01, 7]));
/// ```
pub fn is_kept(value: &[u8]) -> bool {
    value.first().is_some_and(|tag| tag & KEPT != 0)
}

/// When a stored value expires, if it does before its session.
#[inline]
pub(crate) fn deadline(value: &[u8]) -> Option<Timestamp> {
    if *value.first()? & HAS_DEADLINE == 0 {
        return None;
    }
    Value::split(value)?.deadline
}

/// Says of an encoded value, which says nothing yet, that sessions are found by it, that it is kept, or when it expires.
///
/// # Errors
///
/// [`CodecError::TooLarge`] when a deadline makes it so.
#[inline]
pub(crate) fn mark(
    value: &mut Vec<u8>,
    indexed: bool,
    kept: bool,
    deadline: Option<Timestamp>,
) -> Result<(), CodecError> {
    if let Some(tag) = value.first_mut() {
        *tag |= if indexed { INDEXED } else { 0 } | if kept { KEPT } else { 0 };
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
        value.and_then(<[u8]>::split_first).map(|(tag, rest)| (tag & !(INDEXED | KEPT), rest))
    }
    parts(one) == parts(other)
}

/// A counter's value after an addition, kept or not. What is not a counter counts as zero.
pub(crate) fn add_to_counter(old: Option<&[u8]>, by: i64, min: i64, max: i64, keep: bool) -> Vec<u8> {
    let sum = old.and_then(read_counter).unwrap_or(0).saturating_add(by).clamp(min.min(max), max);
    let mut value = counter(sum);
    value[0] |= if keep { KEPT } else { 0 };
    value
}

/// The value of a counter that holds `number`.
pub(crate) fn counter(number: i64) -> Vec<u8> {
    let mut value = vec![COUNTER];
    value.extend_from_slice(number.to_string().as_bytes());
    value
}

/// The number that a counter holds; `None` when the value was not written as a counter.
pub(crate) fn read_counter(value: &[u8]) -> Option<i64> {
    let (tag, digits) = value.split_first()?;
    if tag & !(INDEXED | KEPT) != COUNTER {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}
