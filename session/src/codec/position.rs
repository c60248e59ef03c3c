//! The position of a value within another.

/// The position of a value within another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// An element, a struct's field, a map's value, or the whole.
    Value,
    /// A map's key.
    Key,
    /// The name of a struct's field or of an enum's variant.
    Identifier,
    /// The content of a `Some`.
    Some,
}
