//! The first byte of stored values, and the encoding of counters.
//!
//! Stores treat values as opaque bytes, with these exceptions: the first byte contains whether a value is indexed and
//! whether it is kept, and counters are added to by the store.

/// Mask of the bits of the first byte that hold the codec of the value.
pub const CODEC: u8 = 0b0000_0111;
/// Set together with [`INDEXED`] in the first byte of the value of a `principal` field.
pub const PRINCIPAL: u8 = 0b0000_1000;
/// Set in the first byte of the value of an `index` or `principal` field.
pub const INDEXED: u8 = 0b0100_0000;
/// Set in the first byte of the value of a `keep` field.
pub const KEPT: u8 = 0b1000_0000;
/// The codec of counters: a number in decimal digits, so that stores can add to it in any language.
pub const COUNTER: u8 = 3;

/// Whether sessions can be looked up by this stored value, which is that of an `index` or `principal` field.
///
/// Read from the first byte, so that a store can maintain an index without knowing the databag.
///
/// ```
/// assert!(session_core::value::is_indexed(&[0x41, 7]));
/// assert!(!session_core::value::is_indexed(&[0x01, 7]));
/// ```
pub fn is_indexed(value: &[u8]) -> bool {
    value.first().is_some_and(|tag| tag & INDEXED != 0)
}

/// Whether [`Patch::keep_only`](crate::Patch::keep_only) retains this stored value, which is that of a `keep` field.
///
/// Read from the first byte, since neither a store nor a request knows every databag of a session.
///
/// ```
/// assert!(session_core::value::is_kept(&[0x81, 7]));
/// assert!(!session_core::value::is_kept(&[0x01, 7]));
/// ```
pub fn is_kept(value: &[u8]) -> bool {
    value.first().is_some_and(|tag| tag & KEPT != 0)
}

/// Whether this stored value identifies the owner of the session, that is, whether it is that of a `principal` field.
///
/// ```
/// assert!(session_core::value::is_principal(&[0x4c, 7]));
/// assert!(!session_core::value::is_principal(&[0x44, 7]));
/// ```
pub fn is_principal(value: &[u8]) -> bool {
    value.first().is_some_and(|tag| tag & PRINCIPAL != 0 && tag & INDEXED != 0)
}

/// Returns the stored value of a counter after an addition. A value that is not a counter counts as zero.
pub(crate) fn add_to_counter(old: Option<&[u8]>, by: i64, min: i64, max: i64, keep: bool) -> Vec<u8> {
    let sum = old.and_then(read_counter).unwrap_or(0).saturating_add(by).clamp(min.min(max), max);
    let mut value = counter(sum);
    value[0] |= if keep { KEPT } else { 0 };
    value
}

/// Returns the stored value of a counter that holds `number`.
pub fn counter(number: i64) -> Vec<u8> {
    let mut value = vec![COUNTER];
    value.extend_from_slice(number.to_string().as_bytes());
    value
}

/// Returns the number in the stored value of a counter, or `None` if the value is not a counter.
pub fn read_counter(value: &[u8]) -> Option<i64> {
    let (tag, digits) = value.split_first()?;
    if tag & !(PRINCIPAL | INDEXED | KEPT) != COUNTER {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}
