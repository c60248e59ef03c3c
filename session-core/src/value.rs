//! The first byte of stored values, and counters: what stores need to know of a value.

/// The bits of the first byte that name the codec that wrote the value.
pub const CODEC: u8 = 0b0000_0111;
/// Set beside [`INDEXED`] in the first byte of the value of a field that says whose session it is.
pub const PRINCIPAL: u8 = 0b0000_1000;
/// Set in the first byte of a value that sessions are found by.
pub const INDEXED: u8 = 0b0100_0000;
/// Set in the first byte of a value that outlives [`Patch::keep_only`](crate::Patch::keep_only).
pub const KEPT: u8 = 0b1000_0000;
/// The codec of counters: a number in decimal digits, so that a store can add to it without knowing a codec.
pub const COUNTER: u8 = 3;

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

/// Whether this stored value says whose session it is: that of a `principal` field.
///
/// ```
/// assert!(session_core::is_principal(&[0x4c, 7]));
/// assert!(!session_core::is_principal(&[0x44, 7]));
/// ```
pub fn is_principal(value: &[u8]) -> bool {
    value.first().is_some_and(|tag| tag & PRINCIPAL != 0 && tag & INDEXED != 0)
}

/// A counter's value after an addition, kept or not. What is not a counter counts as zero.
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

/// Returns the number that a counter's value holds; `None` when it was not written as a counter.
pub fn read_counter(value: &[u8]) -> Option<i64> {
    let (tag, digits) = value.split_first()?;
    if tag & !(PRINCIPAL | INDEXED | KEPT) != COUNTER {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}
