//! Names of the entries of a field that is a map.
//!
//! Each entry of such a field is a field of the record. Its name is the field's, a [`SEPARATOR`] and the entry's key as
//! JSON text, which is a string or an integer: `cart␟42`, `cart␟"apple"`.

/// Separates the name of a field from the key of an entry. No field's own name contains it.
pub const SEPARATOR: char = '\u{1f}';

/// Returns the name of the field that holds an entry.
///
/// ```
/// use session_core::entry;
///
/// assert_eq!(entry::split(&entry::name("cart", "42")), Some(("cart", "42")));
/// assert_eq!(entry::split("cart"), None);
/// ```
pub fn name(field: &str, key: &str) -> String {
    let mut name = String::with_capacity(field.len() + SEPARATOR.len_utf8() + key.len());
    name.push_str(field);
    name.push(SEPARATOR);
    name.push_str(key);
    name
}

/// Splits the name of a field that holds an entry into the name of the map and the key; `None` if it holds none.
///
/// A key is data, so a store that encrypts values does not store it as it is.
pub fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once(SEPARATOR)
}
